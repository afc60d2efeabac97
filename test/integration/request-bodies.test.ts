import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type CallOptions, NetworkError, ServiceClient } from '../../src/index.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { rejectionOf } from '../support/transport-request.ts';

const DATA = randomBytes(300_000);
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Answers with the digest of the body that came, and how it was announced. */
async function describeBody(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = Buffer.concat(await req.toArray());
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': coding } = req.headers;
  sendJson(res, { digest: digest(body), bytes: body.length, type, length, coding });
}

function openClient(baseUrl: string): ServiceClient {
  return new ServiceClient({ name: 'users', baseUrl, retry: { backoff: { baseDelayMs: 0 } } });
}

function* pieces(): Generator<Buffer> {
  for (let at = 0; at < DATA.length; at += 70_001) yield DATA.subarray(at, at + 70_001);
}

async function* slowPieces(): AsyncGenerator<Buffer> {
  for (const piece of pieces()) {
    yield piece;
    await pause(1);
  }
}

const whole = { digest: digest(DATA), bytes: DATA.length };
const chunked = { length: undefined, coding: 'chunked' };
const sized = { length: String(DATA.length), coding: undefined };
const type = 'application/octet-stream';

describe('a body arrives byte for byte:', () => {
  const bodies: [string, () => CallOptions, object][] = [
    ['bytes', () => ({ body: new Uint8Array(DATA) }), { ...whole, ...sized }],
    [
      'a view of an ArrayBuffer',
      () => ({ body: new DataView(DATA.buffer, DATA.byteOffset, DATA.length) }),
      { ...whole, ...sized },
    ],
    ['a Blob', () => ({ body: new Blob([DATA], { type }) }), { ...whole, ...sized, type }],
    ['a Readable', () => ({ body: Readable.from(pieces()) }), { ...whole, ...chunked }],
    ['a slow source', () => ({ body: slowPieces() }), { ...whole, ...chunked }],
    ['a ReadableStream', () => ({ body: new Blob([DATA]).stream() }), { ...whole, ...chunked }],
    [
      'a stream of announced length',
      () => ({ body: Readable.from(pieces()), bodyBytes: DATA.length }),
      { ...whole, ...sized },
    ],
    [
      'a function that opens a stream',
      () => ({ body: () => Readable.from(pieces()) }),
      { ...whole, ...chunked },
    ],
  ];

  test.each(bodies)('%s', async (_, options, expected) => {
    await using server = await startServer(describeBody);
    await using client = openClient(server.url);
    expect((await client.post('/', options())).data).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  test('json', async () => {
    await using server = await startServer();
    await using client = openClient(server.url);
    await client.put('/', { json: { a: ['ä', null], b: undefined } });
    expect(server.requests[0]).toMatchObject({
      body: '{"a":["ä",null]}',
      headers: { 'content-type': 'application/json', 'content-length': '17' },
    });
  });

  test('json under a type of its own', async () => {
    await using server = await startServer();
    await using client = openClient(server.url);
    const headers = { 'Content-Type': 'application/merge-patch+json' };
    await client.patch('/', { json: null, headers });
    expect(server.requests[0]).toMatchObject({
      body: 'null',
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  });

  test('form fields and URLSearchParams', async () => {
    await using server = await startServer();
    await using client = openClient(server.url);
    await client.post('/', { form: { a: 'x y', b: [1, 2], c: undefined } });
    await client.post('/', { body: new URLSearchParams({ q: 'ä&=' }) });
    expect(server.requests.map(({ body }) => body)).toEqual(['a=x+y&b=1&b=2', 'q=%C3%A4%26%3D']);
    for (const { headers } of server.requests) {
      expect(headers['content-type']).toMatch(/^application\/x-www-form-urlencoded(;charset=UTF-8)?$/);
    }
  });

  test('FormData, file and all', async () => {
    const files: { name: string; digest: string; note: unknown }[] = [];
    await using server = await startServer(async (req, res) => {
      const form = await new Response(Readable.toWeb(req) as ReadableStream, {
        headers: { 'content-type': req.headers['content-type'] ?? '' },
      }).formData();
      const file = form.get('file') as File;
      files.push({ name: file.name, digest: digest(await file.bytes()), note: form.get('note') });
      res.end();
    });
    await using client = openClient(server.url);
    const form = new FormData();
    form.set('note', 'grün');
    form.set('file', new File([DATA], 'clip.mp4', { type: 'video/mp4' }));
    await client.post('/', { body: form });
    expect(files).toEqual([{ name: 'clip.mp4', digest: digest(DATA), note: 'grün' }]);
  });

  test.each(['get', 'head', 'delete', 'options'] as const)('%s sends one too', async verb => {
    await using server = await startServer();
    await using client = openClient(server.url);
    await client[verb]('/search', { json: { term: 'lamp' } });
    expect(server.requests).toMatchObject([
      { body: '{"term":"lamp"}', headers: { 'content-type': 'application/json', 'content-length': '15' } },
    ]);
  });

  test('a POST without a body announces none', async () => {
    await using server = await startServer();
    await using client = openClient(server.url);
    await client.post('/');
    expect(server.requests[0]).toMatchObject({ body: '', bodyBytes: 0 });
  });
});

describe('a resend', () => {
  const failFirst = () => {
    const digests: string[] = [];
    const handler = async (req: IncomingMessage, res: ServerResponse) => {
      digests.push(digest(Buffer.concat(await req.toArray())));
      res.writeHead(digests.length === 1 ? 503 : 200).end();
    };
    return { digests, handler };
  };

  test.each([
    ['buffered', () => ({ body: DATA })],
    ['Blob', () => ({ body: new Blob([DATA]) })],
    ['opened', () => ({ body: () => Readable.from(pieces()) })],
  ] as [string, () => CallOptions][])('sends a %s body whole again', async (_, options) => {
    const { digests, handler } = failFirst();
    await using server = await startServer(handler);
    await using client = openClient(server.url);
    await client.put('/', options());
    expect(digests).toEqual([digest(DATA), digest(DATA)]);
  });

  test('of a stream that can be read only once does not happen', async () => {
    const { digests, handler } = failFirst();
    await using server = await startServer(handler);
    await using client = openClient(server.url);
    const error = await rejectionOf(client.put('/', { body: Readable.from(pieces()) }));
    expect(error).toMatchObject({ status: 503, attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(digests).toEqual([digest(DATA)]);
  });
});

describe('a streamed body that does not keep its word', () => {
  test.each([
    ['shorter', DATA.length + 1],
    ['longer', DATA.length - 1],
  ])('%s than announced is a NetworkError, phase request, never resent', async (_, bodyBytes) => {
    let complete = 0;
    await using server = await startServer((req, res) => {
      req.on('error', () => {}).resume();
      req.on('end', () => {
        if (req.complete) complete++;
        res.end();
      });
    });
    await using client = openClient(server.url);
    const error = await rejectionOf(client.put('/', { body: () => Readable.from(pieces()), bodyBytes }));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ phase: 'request', attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(complete).toBe(0);
    expect(server.requests.length).toBeLessThanOrEqual(1);
  });

  test('whose source fails keeps the source’s own error as the cause, and says nothing about the endpoint', async () => {
    await using server = await startServer((req, res) => {
      req.on('error', () => {}).resume();
      res.on('error', () => {});
    });
    await using client = new ServiceClient({
      name: 'users',
      baseUrl: server.url,
      circuitBreaker: { minThroughput: 1, failureRatio: 0.01 },
    });
    const cause = new Error('disk broke');
    const body = Readable.from(
      (async function* () {
        yield Buffer.from('start');
        throw cause;
      })(),
    );
    const error = (await rejectionOf(client.put('/', { body }))) as NetworkError;
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'request' });
    expect(error.cause).toBe(cause);
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed' }]);
  });
});
