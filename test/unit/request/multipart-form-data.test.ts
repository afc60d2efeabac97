import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeMultipart } from '../../../src/request/multipart-form-data.ts';

const BOUNDARY = 'holdfast-test';

function encode(form: FormData) {
  const body = encodeMultipart(form, BOUNDARY);
  if (body.kind !== 'replayable') throw new Error(`a form is ${body.kind}`);
  return body;
}

function parse(bytes: Uint8Array<ArrayBuffer>): Promise<FormData> {
  return new Response(bytes, {
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  }).formData();
}

async function roundTrip(form: FormData) {
  const parsed = await parse(new Uint8Array(await buffer(encode(form).open())));
  return Promise.all([...parsed].map(async ([name, value]) => [name, await described(value)]));
}

async function described(value: string | File) {
  if (typeof value === 'string') return value;
  return { name: value.name, type: value.type, bytes: [...(await value.bytes())] };
}

test('fields and files arrive as they were', async () => {
  const form = new FormData();
  form.append('title', 'Ünïcode ✓');
  form.append('title', 'twice');
  form.append('file', new File([new Uint8Array([0, 255, 13, 10])], 'ä b.bin', { type: 'image/png' }));
  form.append('blob', new Blob(['hi']));
  expect(await roundTrip(form)).toEqual([
    ['title', 'Ünïcode ✓'],
    ['title', 'twice'],
    ['file', { name: 'ä b.bin', type: 'image/png', bytes: [0, 255, 13, 10] }],
    ['blob', { name: 'blob', type: 'application/octet-stream', bytes: [104, 105] }],
  ]);
});

test('it is written as fetch writes it', async () => {
  const form = new FormData();
  form.append('a\r\nb"c\nd', 'one\ntwo\rthree\r\nfour');
  form.append('f', new File(['x'], 'na"me\r\n.txt', { type: 'text/plain' }));
  form.append('g', new Blob(['y']));
  const response = new Response(form);
  const theirs = response.headers.get('content-type')?.split('boundary=')[1] ?? '';
  const ours = (await buffer(encode(form).open())).toString();
  expect(ours).toBe((await response.text()).replaceAll(theirs, BOUNDARY));
});

test('a quote or a line break in a name cannot add a part', async () => {
  const form = new FormData();
  form.append('a"; filename="x"\r\n\r\nevil', 'v');
  const text = (await buffer(encode(form).open())).toString();
  expect(text.match(/\r\n\r\n/g)).toHaveLength(1);
  expect(text).toContain('name="a%22; filename=%22x%22%0D%0A%0D%0Aevil"');
});

test('every attempt sends the same bytes, as many as announced', async () => {
  const form = new FormData();
  form.append('title', 'größe');
  form.append('file', new Blob([new Uint8Array(200_000).fill(7)]));
  const body = encode(form);
  const [first, second] = [await buffer(body.open()), await buffer(body.open())];
  expect(first.equals(second)).toBe(true);
  expect(first.byteLength).toBe(body.byteLength);
});

test('a change to the form after the call does not reach it', async () => {
  const form = new FormData();
  form.append('a', '1');
  const body = encode(form);
  form.append('b', '2');
  expect((await buffer(body.open())).toString()).not.toContain('name="b"');
});

test('an empty form is only its end', async () => {
  expect((await buffer(encode(new FormData()).open())).toString()).toBe(`--${BOUNDARY}--\r\n`);
});

test('any form arrives as it was, with the length announced', async () => {
  const text = fc.string({ unit: 'grapheme' }).filter(value => !/[\r\n"]/.test(value));
  const entry = fc.oneof(fc.tuple(text, text), fc.tuple(text, fc.uint8Array()));
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 6 }), async entries => {
      const form = new FormData();
      for (const [name, value] of entries) {
        if (typeof value === 'string') form.append(name, value);
        else form.append(name, new File([new Uint8Array(value)], 'f', { type: 'text/x' }));
      }
      const body = encode(form);
      const bytes = new Uint8Array(await buffer(body.open()));
      expect(bytes.byteLength).toBe(body.byteLength);
      const parsed = await parse(bytes);
      const got = await Promise.all([...parsed].map(async ([name, value]) => [name, await described(value)]));
      const sent = await Promise.all([...form].map(async ([name, value]) => [name, await described(value)]));
      expect(got).toEqual(sent);
    }),
    { numRuns: 100 },
  );
});
