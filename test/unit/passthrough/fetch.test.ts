import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';
import { NetworkError } from '../../../src/errors/network-error.ts';
import { createFetch, type FetchFunction } from '../../../src/passthrough/fetch.ts';
import type { RawCall } from '../../../src/passthrough/raw-call.ts';
import { normalizeBody } from '../../../src/request/normalize-body.ts';
import type { StreamResponse } from '../../../src/response/stream-response.ts';

/** A fetch whose calls are kept and answered as told, without a wire. */
function fakeFetch(answer: Partial<StreamResponse> | Error = {}): { fetch: FetchFunction; calls: RawCall[] } {
  const calls: RawCall[] = [];
  const fetch = createFetch(
    async call => {
      calls.push(call);
      if (answer instanceof Error) throw answer;
      return {
        status: 200,
        headers: {},
        body: Readable.from(['hello'], { objectMode: false }),
        url: 'http://10.0.0.1/users/1',
        endpoint: 'http://10.0.0.1',
        service: 'users',
        attempts: [],
        completed: Promise.resolve({ bytes: 5, durationMs: 1, bytesPerSecond: 1, resumes: 0 }),
        ...answer,
      };
    },
    {
      service: 'users',
      endpointUrls: () => ['http://10.0.0.1'],
      classifyBody: (body, issues) => normalizeBody({ body }, () => 'mark', issues),
    },
  );
  return { fetch, calls };
}

async function textOf(call: RawCall | undefined): Promise<string> {
  const body = call?.body;
  if (body?.kind === 'buffered') return Buffer.from(body.bytes).toString();
  if (body?.kind === 'one-shot') return Buffer.concat(await body.source.toArray()).toString();
  if (body?.kind === 'replayable') return Buffer.concat(await body.open().toArray()).toString();
  return '';
}

describe('the request', () => {
  test('a plain GET', async () => {
    const { fetch, calls } = fakeFetch();
    await fetch('/users/1?x=2');
    expect(calls).toMatchObject([
      { method: 'GET', path: '/users/1?x=2', headers: {}, body: { kind: 'empty' }, redirect: undefined },
    ]);
    expect(calls[0]).toMatchObject({ decompress: true, defaultUserAgent: true });
  });

  test('a URL elsewhere is refused before anything is sent', async () => {
    const { fetch, calls } = fakeFetch();
    await expect(fetch('http://evil/users')).rejects.toThrow(InvalidRequestError);
    await expect(fetch(new Request('http://evil/users'))).rejects.toThrow(InvalidRequestError);
    expect(calls).toEqual([]);
  });

  test.each(['CONNECT', 'trace', 'TRACK', 'G T', ''])('the method "%s" is refused', async method => {
    await expect(fakeFetch().fetch('/', { method })).rejects.toThrow(InvalidRequestError);
  });

  test('framing and hop-by-hop headers are dropped, and those that Connection names', async () => {
    const { fetch, calls } = fakeFetch();
    const headers = {
      Host: 'evil',
      Connection: 'x-one',
      'X-One': '1',
      'Content-Length': '7',
      'Transfer-Encoding': 'chunked',
      TE: 'trailers',
      Expect: '100-continue',
      Upgrade: 'x',
      'X-Two': '2',
    };
    await fetch('/', { method: 'POST', headers, body: 'hello' });
    expect(calls[0]?.headers).toEqual({ 'x-two': '2', 'content-type': 'text/plain;charset=UTF-8' });
  });

  test('an invalid header is refused without being shown', async () => {
    const refusal = await fakeFetch()
      .fetch('/', { headers: { 'x-a': 'secret\0' } })
      .catch(error => error);
    expect(refusal).toBeInstanceOf(InvalidRequestError);
    expect(String(refusal.stack)).not.toContain('secret');
  });

  const bodies: readonly [string, () => NonNullable<RequestInit['body']>, string, string | undefined][] = [
    ['a string', () => 'hello', 'buffered', 'text/plain;charset=UTF-8'],
    [
      'URLSearchParams',
      () => new URLSearchParams('a=b c'),
      'buffered',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
    ['bytes', () => new TextEncoder().encode('hello'), 'buffered', undefined],
    ['an ArrayBuffer', () => new TextEncoder().encode('hello').buffer as ArrayBuffer, 'buffered', undefined],
    ['a Blob', () => new Blob(['hello'], { type: 'text/x' }), 'replayable', 'text/x'],
    ['a stream', () => new Blob(['hello']).stream(), 'one-shot', undefined],
  ];

  test.each(bodies)('%s is a body', async (_name, body, kind, contentType) => {
    const { fetch, calls } = fakeFetch();
    await fetch('/', { method: 'PUT', body: body(), duplex: 'half' } as RequestInit);
    expect(calls[0]?.body.kind).toBe(kind);
    expect(calls[0]?.headers['content-type']).toBe(contentType);
    expect(await textOf(calls[0])).toMatch(/^(hello|a=b\+c)$/);
  });

  test('a FormData goes out as multipart', async () => {
    const { fetch, calls } = fakeFetch();
    const form = new FormData();
    form.set('name', 'Ada');
    await fetch('/', { method: 'POST', body: form });
    expect(calls[0]?.headers['content-type']).toBe('multipart/form-data; boundary=mark');
    expect(await textOf(calls[0])).toContain('name="name"\r\n\r\nAda');
  });

  test('a content type given stays', async () => {
    const { fetch, calls } = fakeFetch();
    await fetch('/', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(calls[0]?.headers).toEqual({ 'content-type': 'application/json' });
  });

  test.each(['GET', 'HEAD'])('a %s with a body is refused', async method => {
    for (const body of ['x', '']) {
      await expect(fakeFetch().fetch('/', { method, body })).rejects.toThrow(InvalidRequestError);
    }
    const request = new Request('http://users/a', { method: 'POST', body: 'x' });
    await expect(fakeFetch().fetch(request, { method })).rejects.toThrow(InvalidRequestError);
    expect((await fakeFetch().fetch(request, { method, body: null })).status).toBe(200);
  });

  test('the fields of init win over those of a Request', async () => {
    const { fetch, calls } = fakeFetch();
    const request = new Request('http://users/a', {
      method: 'POST',
      headers: { 'x-a': 'request', 'x-b': 'request' },
      body: 'request',
    });
    await fetch(request, { method: 'put', headers: { 'x-a': 'init' }, body: 'init' });
    expect(calls[0]).toMatchObject({ method: 'PUT', path: '/a' });
    expect(calls[0]?.headers).toEqual({ 'x-a': 'init', 'content-type': 'text/plain;charset=UTF-8' });
    expect(await textOf(calls[0])).toBe('init');
  });

  test('a Request that holds its whole body can be resent', async () => {
    const { fetch, calls } = fakeFetch();
    await fetch(new Request('http://users/a', { method: 'PUT', body: '{"a":1}' }));
    expect(calls[0]?.body.kind).toBe('buffered');
    expect(await textOf(calls[0])).toBe('{"a":1}');
  });

  test('a Request whose body has to be waited for is streamed, whole and in order', async () => {
    const { fetch, calls } = fakeFetch();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const first = writer.write(Buffer.from('one '));
    await fetch(
      new Request('http://users/a', { method: 'PUT', body: readable, duplex: 'half' } as RequestInit),
    );
    expect(calls[0]?.body.kind).toBe('one-shot');
    const text = textOf(calls[0]);
    await first;
    await writer.write(Buffer.from('two'));
    await writer.close();
    expect(await text).toBe('one two');
  });

  test('a Request body that fails breaks the upload with its own error', async () => {
    const { fetch, calls } = fakeFetch();
    const failure = new Error('the source failed');
    const body = new ReadableStream({ start: controller => controller.error(failure) });
    await fetch(new Request('http://users/a', { method: 'PUT', body, duplex: 'half' } as RequestInit));
    await expect(textOf(calls[0])).rejects.toBe(failure);
  });

  test('giving up a streamed Request body cancels its source', async () => {
    const { fetch, calls } = fakeFetch();
    const cancelled = Promise.withResolvers<void>();
    const { readable: body, writable } = new TransformStream<Uint8Array, Uint8Array>({}, undefined, {
      highWaterMark: 0,
    });
    const writer = writable.getWriter();
    writer.closed.catch(() => cancelled.resolve());
    await fetch(new Request('http://users/a', { method: 'PUT', body, duplex: 'half' } as RequestInit));
    const upload = calls[0]?.body;
    if (upload?.kind !== 'one-shot') throw new Error('not a stream');
    upload.source.once('data', () => upload.source.destroy());
    writer.write(Buffer.from('x')).catch(() => {});
    await cancelled.promise;
  });

  test('a Request that has been read already is refused', async () => {
    const request = new Request('http://users/a', { method: 'PUT', body: 'x' });
    await request.text();
    await expect(fakeFetch().fetch(request)).rejects.toThrow(InvalidRequestError);
  });
});

describe('redirects', () => {
  test.each([
    [undefined, undefined, undefined],
    ['follow', undefined, 'same-origin'],
    ['manual', undefined, 'manual'],
    ['error', undefined, 'manual'],
    [undefined, 'follow', undefined],
    [undefined, 'manual', 'manual'],
    [undefined, 'error', 'manual'],
    ['follow', 'manual', 'same-origin'],
  ] as const)('init %s and Request %s ask for %s', async (inInit, inRequest, asked) => {
    const { fetch, calls } = fakeFetch();
    const input = inRequest ? new Request('http://users/a', { redirect: inRequest }) : '/a';
    await fetch(input, inInit && { redirect: inInit });
    expect(calls[0]?.redirect).toBe(asked);
  });

  test('"error" rejects at a redirect and gives its body up', async () => {
    const body = Readable.from(['x']);
    const { fetch } = fakeFetch({ status: 302, headers: { location: '/b' }, body });
    await expect(fetch('/a', { redirect: 'error' })).rejects.toThrow(TypeError);
    expect(body.destroyed).toBe(true);
  });

  test('"error" takes a 304, and a 302 that leads nowhere', async () => {
    expect((await fakeFetch({ status: 304 }).fetch('/a', { redirect: 'error' })).status).toBe(304);
    expect((await fakeFetch({ status: 302 }).fetch('/a', { redirect: 'error' })).status).toBe(302);
  });

  test('"manual" hands it back', async () => {
    const { fetch } = fakeFetch({ status: 302, headers: { location: '/b' } });
    const response = await fetch('/a', { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/b']);
  });
});

describe('the response', () => {
  test('has status, text, URL and body', async () => {
    const response = await fakeFetch({ status: 404 }).fetch('/a');
    expect([response.status, response.statusText, response.ok]).toEqual([404, 'Not Found', false]);
    expect(response.url).toBe('http://10.0.0.1/users/1');
    const clone = response.clone();
    expect(clone.url).toBe(response.url);
    expect([await response.text(), await clone.text()]).toEqual(['hello', 'hello']);
  });

  test('keeps several Set-Cookie apart and drops what belonged to the connection', async () => {
    const headers = {
      'set-cookie': ['a=1', 'b=2'],
      connection: 'x-one',
      'x-one': '1',
      'transfer-encoding': 'chunked',
    };
    const response = await fakeFetch({ headers }).fetch('/a');
    expect([...response.headers]).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
  });

  test('a body that was left coded keeps the header that says so', async () => {
    const bytes = gzipSync('hello');
    const headers = { 'content-encoding': 'x-unknown' };
    const response = await fakeFetch({ headers, body: Readable.from([bytes]) }).fetch('/a');
    expect(response.headers.get('content-encoding')).toBe('x-unknown');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  });

  test.each([204, 205, 304])('%d has no body, and its stream is let go', async status => {
    const body = Readable.from([]);
    const closed = new Promise(resolve => body.once('close', resolve));
    const response = await fakeFetch({ status, body }).fetch('/a');
    expect(response.body).toBe(null);
    await closed;
  });

  test('HEAD has no body, and its stream is let go', async () => {
    const body = Readable.from([]);
    const closed = new Promise(resolve => body.once('close', resolve));
    expect((await fakeFetch({ body }).fetch('/a', { method: 'HEAD' })).body).toBe(null);
    await closed;
  });

  test.each([199, 600, 999])('the status %d, which no Response may have, is a NetworkError', async status => {
    const body = Readable.from(['x']);
    const failure = await fakeFetch({ status, body })
      .fetch('/a')
      .catch(error => error);
    expect(failure).toBeInstanceOf(NetworkError);
    expect(failure.phase).toBe('response');
    expect(body.destroyed).toBe(true);
  });

  test('is read only as fast as it is asked for', async () => {
    let produced = 0;
    const body = new Readable({
      read() {
        produced += 16_384;
        this.push(Buffer.alloc(16_384));
      },
    });
    const response = await fakeFetch({ body }).fetch('/a');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (let count = 0; count < 4; count++) await reader.read();
    await new Promise(resolve => setImmediate(resolve));
    expect(produced).toBeLessThan(512 * 1024);
    await reader.cancel();
    expect(body.destroyed).toBe(true);
  });

  test('a body that breaks rejects its reader with the error', async () => {
    const failure = new NetworkError({ service: 'users', phase: 'body' });
    const body = new Readable({ read() {} });
    const response = await fakeFetch({ body }).fetch('/a');
    body.push('hel');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe('hel');
    body.destroy(failure);
    await expect(reader.read()).rejects.toBe(failure);
  });

  test('a body destroyed without a word is an error, never a short body', async () => {
    const body = new Readable({ read() {} });
    const response = await fakeFetch({ body }).fetch('/a');
    body.push('hel');
    setImmediate(() => body.destroy());
    await expect(response.text()).rejects.toThrow();
  });

  test.each(['GET', 'HEAD'])(
    'a body of %s that breaks while nobody reads is no unhandled error',
    async method => {
      const body = new Readable({ read() {} });
      await fakeFetch({ body }).fetch('/a', { method });
      body.destroy(new Error('broken'));
      await new Promise(resolve => setImmediate(resolve));
    },
  );
});

describe('a signal', () => {
  test('that has fired rejects with its reason, and nothing is sent', async () => {
    const { fetch, calls } = fakeFetch();
    const reason = new Error('enough');
    await expect(fetch('/a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const request = new Request('http://users/a', { signal: AbortSignal.abort(reason) });
    await expect(fetch(request)).rejects.toBe(reason);
    expect(calls).toEqual([]);
  });

  test('of init wins over the one of a Request, null too', async () => {
    const { fetch, calls } = fakeFetch();
    await fetch(new Request('http://users/a', { signal: AbortSignal.abort() }), { signal: null });
    expect(calls.length).toBe(1);
  });

  test('that fires during the call cancels it', async () => {
    const controller = new AbortController();
    const { fetch, calls } = fakeFetch({ body: new Readable({ read() {} }) });
    const response = await fetch('/a', { signal: controller.signal });
    const reason = new Error('enough');
    const text = response.text();
    controller.abort(reason);
    await expect(text).rejects.toBe(reason);
    expect(calls[0]?.cancellation.reason).toBe(reason);
  });

  test.each([
    ['the body has ended', {}],
    ['the call has failed', new Error('failed')],
  ])('has no listener left once %s', async (_when, answer) => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    };
    await fakeFetch(answer)
      .fetch('/a', { signal })
      .then(response => response.text())
      .catch(() => {});
    await new Promise(resolve => setImmediate(resolve));
    expect(listeners).toBe(0);
  });
});

test('what the client rejects with is what fetch rejects with', async () => {
  const failure = new NetworkError({ service: 'users', phase: 'connect' });
  await expect(fakeFetch(failure).fetch('/a')).rejects.toBe(failure);
});
