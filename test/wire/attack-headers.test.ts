import { describe, expect, test } from 'vitest';
import type { ServiceClient } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { rawResponse, startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { type ClientSettings, openClient } from './open-client.ts';

/** Every way to give a header, a value or a method. */
const refused = async (call: (client: ServiceClient) => Promise<unknown>, settings?: ClientSettings) => {
  await using server = await startServer();
  await using client = openClient(server, settings);
  const error = await rejectionOf(call(client));
  expect(server.connections).toBe(0);
  return error as Error & { code: string };
};

const INJECTIONS = [
  'a\r\nX-Evil: 1',
  'a\nX-Evil: 1',
  'a\rX-Evil: 1',
  'a\0b',
  'a\x1bb',
  'a\x7f',
  '\u010a',
  '\u{1f600}',
];

describe('line breaks and control characters', () => {
  test.each(INJECTIONS)('%j in a header value, a key or a context id sends nothing', async value => {
    for (const options of [
      { headers: { 'x-a': value } },
      { headers: { 'x-a': ['fine', value] } },
      { idempotencyKey: value },
    ]) {
      const error = await refused(client => client.post('/x', { json: 1, ...options } as object));
      expect(error.code).toBe('ERR_INVALID_REQUEST');
      expect(error.message).not.toContain('Evil');
    }
    const settings = { auth: () => value };
    expect((await refused(client => client.get('/x'), settings)).code).toBe('ERR_CONFIGURATION');
  });

  test.each(INJECTIONS)('%j in a context id is left out or refused, never written', async value => {
    await using server = await startServer();
    await using client = openClient(server);
    await client.safe.get('/x', { context: { requestId: value, traceparent: value } });
    for (const seen of server.requests) {
      expect([seen.headers['x-evil'], seen.rawHeaders.includes('X-Evil')]).toEqual([undefined, false]);
    }
  });

  test.each(['x a', 'x\r\nb', 'x:y', '', 'x\0', 'ü', '(x)', 'x\t'])(
    '%j as a header name sends nothing',
    async name => {
      const error = await refused(client => client.get('/x', { headers: { [name]: 'secret' } }));
      expect(error.code).toBe('ERR_INVALID_REQUEST');
      expect(error.message).not.toContain('secret');
    },
  );

  test.each(['GET /evil HTTP/1.1\r\nHost: evil\r\n\r\nGET', 'GE T', 'G\0ET', '', 'GÉT', 'CONNECT'])(
    '%j as a method sends nothing',
    async method => {
      expect((await refused(client => client.request(method, '/x'))).code).toBe('ERR_INVALID_REQUEST');
      expect((await refused(client => client.stream(method, '/x'))).code).toBe('ERR_INVALID_REQUEST');
    },
  );

  test.each([
    ['a header value', { headers: { 'x-a': 'b\r\nX-Evil: 1' } }],
    ['a header name', { headers: { 'x-a: b\r\nX-Evil': '1' } }],
    ['the method', { method: 'GET\r\nX-Evil: 1' }],
  ])('put into %s by an interceptor send nothing', async (_name, change) => {
    await using server = await startServer();
    const inject = async (request: object, next: (request: never) => Promise<never>) => {
      return next({ ...request, ...change } as never);
    };
    await using client = openClient(server, { interceptors: { attempt: [inject as never] } });
    expect(await client.safe.get('/x')).toMatchObject({ ok: false });
    expect(server.requests).toEqual([]);
  });

  test('put into the URL by an interceptor are no header', async () => {
    await using server = await startServer();
    const inject = async (request: object, next: (request: never) => Promise<never>) => {
      return next({ ...request, url: `${server.url}/\r\nX-Evil: 1\r\n` } as never);
    };
    await using client = openClient(server, { interceptors: { attempt: [inject as never] } });
    await client.safe.get('/x');
    expect(server.requests.filter(({ headers }) => headers['x-evil'] !== undefined)).toEqual([]);
  });
});

describe('framing headers of a caller', () => {
  const FRAMING = [
    ['Content-Length', '5'],
    ['content-length', '0'],
    ['Transfer-Encoding', 'chunked'],
    ['Connection', 'x-secret'],
    ['Keep-Alive', 'timeout=1'],
    ['Host', 'evil.test'],
    ['TE', 'trailers'],
    ['Trailer', 'x'],
    ['Upgrade', 'websocket'],
    ['Proxy-Authorization', 'Basic eDp5'],
    ['Proxy-Connection', 'close'],
  ] as [string, string][];

  test.each(FRAMING)('%s sends nothing, from a call or from the client', async (name, value) => {
    const error = await refused(client => client.post('/x', { body: 'abcde', headers: { [name]: value } }));
    expect(error.code).toBe('ERR_INVALID_REQUEST');
    expect(() => openClient('http://x', { headers: { [name]: value } })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION' }),
    );
  });

  test.each(FRAMING)('%s in a fetch is dropped, and the request framed as it is', async (name, value) => {
    await using server = await startRawServer(rawResponse('{}'));
    await using client = openClient(server);
    const response = await client.fetch('/x', { method: 'POST', body: 'abcde', headers: [[name, value]] });
    expect(response.status).toBe(200);
    const [head] = server.heads;
    const count = (header: string) => head?.match(new RegExp(`^${header}:`, 'gim'))?.length ?? 0;
    expect([count('content-length'), count('transfer-encoding'), count('host')]).toEqual([1, 0, 1]);
    expect(/^content-length: (.*)$/im.exec(head ?? '')?.[1]).toBe('5');
    expect(/^host: (.*)$/im.exec(head ?? '')?.[1]).toBe(`127.0.0.1:${server.port}`);
    if (!['connection', 'content-length', 'host'].includes(name.toLowerCase())) expect(count(name)).toBe(0);
  });

  test.each([
    ['content-length', 'transfer-encoding'],
    ['Content-Length', 'Transfer-Encoding'],
    ['Content-Length', 'transfer-encoding'],
  ])('that an interceptor adds frame nothing anew: %s and %s', async (length, coding) => {
    await using server = await startRawServer(rawResponse('{}'));
    const smuggle = async (request: { headers: object }, next: (request: never) => Promise<never>) => {
      return next({
        ...request,
        headers: { ...request.headers, [length]: '1', [coding]: 'chunked' },
      } as never);
    };
    await using client = openClient(server, {
      interceptors: { attempt: [smuggle as never] },
      timeout: { attemptMs: 500 },
    });
    await client.safe.post('/x', { body: 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n' });
    for (const head of server.heads) {
      const both = /^content-length:/im.test(head) && /^transfer-encoding:/im.test(head);
      expect([both, /^GET \/smuggled/.test(head)]).toEqual([false, false]);
    }
  });
});
