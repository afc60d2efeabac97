import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  ACCEPTED_CODINGS,
  type ContentCodings,
  ContentDecoder,
  contentCodings,
  decodedHeaders,
} from '../../../src/transport/content-decoding.ts';

const codingsOf = (header: string) => contentCodings({ 'content-encoding': header }) as ContentCodings;

async function decoded(header: string, chunks: readonly Uint8Array[]): Promise<Buffer> {
  return Buffer.concat(
    await Readable.from(chunks)
      .pipe(new ContentDecoder(codingsOf(header)))
      .toArray(),
  );
}

test('all that is understood is accepted', () => {
  expect(ACCEPTED_CODINGS).toBe('gzip, deflate, br, zstd');
});

describe('codings of a header', () => {
  test.each([
    undefined,
    '',
    ' ',
    'identity',
    'IDENTITY, ',
    'unknown',
    'gzip, unknown',
    '__proto__',
    'constructor',
  ])('"%s" needs none', header => {
    expect(contentCodings(header === undefined ? {} : { 'content-encoding': header })).toBeUndefined();
  });

  test.each([
    ['GZIP', 1],
    ['gzip, br', 2],
    ['gzip,, identity , br', 2],
    [Array(5).fill('br').join(), 5],
  ])('"%s" needs %i', (header, count) => {
    expect(codingsOf(header)).toHaveLength(count);
  });

  test('more than five are not undone', () => {
    expect(codingsOf(Array(6).fill('br').join())).toBeUndefined();
  });

  test('headers of a decoded body no longer tell of the coded one', () => {
    const headers = { 'content-encoding': 'gzip', 'content-length': '9', etag: '"a"', 'set-cookie': ['a=1'] };
    expect(decodedHeaders(headers)).toEqual({ etag: '"a"', 'set-cookie': ['a=1'] });
    expect(headers).toHaveProperty('content-length');
  });
});

describe('decoding', () => {
  const bytes = Buffer.from('over and over '.repeat(30_000));
  const byBytes = (coded: Buffer, size: number) =>
    Array.from({ length: Math.ceil(coded.length / size) }, (_, at) =>
      coded.subarray(at * size, (at + 1) * size),
    );

  test.each([1, 7, 100_000])('gives the same for chunks of %i bytes', async size => {
    const coded = zlib.gzipSync(bytes);
    expect((await decoded('gzip', byBytes(coded, size))).equals(bytes)).toBe(true);
  });

  test('of nothing is nothing', async () => {
    expect(await decoded('gzip', [])).toHaveLength(0);
    expect(await decoded('br', [Buffer.alloc(0)])).toHaveLength(0);
  });

  test.each(['br', 'deflate'])('drops what follows the coded content (%s)', async coding => {
    const coded = coding === 'br' ? zlib.brotliCompressSync(bytes) : zlib.deflateSync(bytes);
    const junk = Array.from({ length: 50 }, () => Buffer.alloc(10_000, 'junk'));
    expect((await decoded(coding, [coded, ...junk])).equals(bytes)).toBe(true);
  });

  test('waits for a slow reader', async () => {
    const decoder = new ContentDecoder(codingsOf('gzip'));
    decoder.end(zlib.gzipSync(Buffer.alloc(20_000_000)));
    decoder.read(0);
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(decoder.readableLength).toBeLessThan(200_000);
    let length = 0;
    for await (const chunk of decoder) length += chunk.length;
    expect(length).toBe(20_000_000);
  });

  test('destroyed in the middle it stays quiet', async () => {
    const decoder = new ContentDecoder(codingsOf('gzip, br'));
    decoder.write(zlib.brotliCompressSync(zlib.gzipSync(bytes)));
    decoder.destroy();
    await new Promise(resolve => decoder.once('close', resolve));
    expect(decoder.errored).toBeNull();
  });
});
