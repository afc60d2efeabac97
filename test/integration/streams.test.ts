import { gzipSync } from 'node:zlib';
import { HttpResponse } from 'msw';
import { describe, expect, test } from 'vitest';
import { StatusError } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { broken, dripping, json, mockServices, silent, status, text } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

describe('a stream', () => {
  test('resolves at the head, with all that a response says', async () => {
    const body = dripping({ 'x-kind': 'video' });
    users.answers(body.answer);
    const { client } = openClient();
    const response = await client.stream('GET', '/file/{id}', { params: { id: 1 } });
    expect(response).toMatchObject({
      status: 200,
      headers: { 'x-kind': 'video' },
      url: 'http://users.test/file/1',
      endpoint: 'http://users.test',
      service: 'users',
      attempts: [{ number: 1, outcome: 'response', status: 200 }],
    });
    body.send('one ');
    body.send('two');
    body.end();
    expect(Buffer.concat(await response.body.toArray()).toString()).toBe('one two');
  });

  test('tells how its body went when it has ended', async () => {
    const body = dripping();
    users.answers(body.answer);
    const { client, clock } = openClient();
    const response = await client.stream('GET', '/');
    response.body.resume();
    body.send('x'.repeat(500));
    await clock.advance(2000);
    body.end();
    expect(await response.completed).toEqual({
      bytes: 500,
      durationMs: 2000,
      bytesPerSecond: 250,
      resumes: 0,
    });
  });

  test('is not decoded, buffered or limited in size', async () => {
    users.answers(text('{"not json', 'application/json'));
    const { client } = openClient({ limits: { maxResponseBytes: 1 } });
    const { body } = await client.stream('GET', '/');
    expect(Buffer.concat(await body.toArray()).toString()).toBe('{"not json');
  });

  test('takes a body like any call, and a method in lower case', async () => {
    const { client } = openClient();
    const { body } = await client.stream('post', '/', { json: [1] });
    body.resume();
    expect(users.requests).toMatchObject([{ method: 'POST', body: '[1]' }]);
  });

  test('is unpacked, unless decompress is false', async () => {
    const packed = gzipSync('hello');
    users.answers(() => new HttpResponse(packed, { headers: { 'content-encoding': 'gzip' } }));
    const { client } = openClient();
    const unpacked = await client.stream('GET', '/');
    expect(Buffer.concat(await unpacked.body.toArray()).toString()).toBe('hello');
    const raw = await client.stream('GET', '/', { decompress: false });
    expect(raw.headers['content-encoding']).toBe('gzip');
    expect(Buffer.concat(await raw.body.toArray()).equals(packed)).toBe(true);
  });

  test('is retried until the head arrives', async () => {
    users.answers(status(503), broken, text('video', 'video/mp4'));
    const { client } = openClient({ retry: { backoff: { baseDelayMs: 0 } } });
    const { body, attempts } = await client.stream('GET', '/');
    expect(Buffer.concat(await body.toArray()).toString()).toBe('video');
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['response', 'error', 'response']);
  });

  test('hands a redirect back', async () => {
    users.answers(status(302, { location: '/there' }));
    const { client } = openClient();
    const response = await client.stream('GET', '/');
    response.body.resume();
    expect(response).toMatchObject({ status: 302, headers: { location: '/there' } });
    expect(await response.completed).toMatchObject({ bytes: 0 });
  });
});

describe('a failing status of a stream', () => {
  test('is a StatusError with its body', async () => {
    users.answers(json({ error: 'gone' }, { status: 404 }));
    const error = await rejectionOf(openClient().client.stream('GET', '/'));
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({ status: 404, data: { error: 'gone' } });
  });

  test('keeps at most maxErrorBodyBytes of it', async () => {
    users.answers(text('x'.repeat(10_000), 'text/plain', { status: 400 }));
    const { client } = openClient({ limits: { maxErrorBodyBytes: 10 } });
    expect(await rejectionOf(client.stream('GET', '/'))).toMatchObject({ data: 'xxxxxxxxxx' });
  });

  test('that is endless is cut off there', async () => {
    await using server = await startServer((_, res) => {
      res.writeHead(400, { 'content-type': 'text/plain' });
      const more = () => {
        while (res.write('x'.repeat(16_384)));
      };
      res.on('drain', more);
      more();
    });
    const { client } = openClient({ baseUrl: server.url });
    const error = (await rejectionOf(client.stream('GET', '/'))) as StatusError;
    expect(String(error.data)).toHaveLength(64 * 1024);
    await server.idle();
  });
});

describe('a body that its reader gives up', () => {
  test('completes as aborted and frees the endpoint', async () => {
    const body = dripping();
    users.answers(body.answer);
    const { client, events } = openClient();
    const response = await client.stream('GET', '/');
    body.send('some');
    await new Promise(resolve => response.body.once('data', resolve));
    response.body.destroy();
    expect(await response.completed).toMatchObject({ bytes: 4, aborted: true });
    expect(events.of('stream:end')).toMatchObject([{ outcome: 'aborted', bytes: 4 }]);
    expect(client.health().endpoints).toMatchObject([{ inFlight: 0, circuit: 'closed' }]);
  });

  test('says nothing about the endpoint', async () => {
    users.answers(dripping().answer);
    const { client } = openClient({ circuitBreaker: { minThroughput: 1, failureRatio: 0.01 } });
    const response = await client.stream('GET', '/');
    response.body.destroy(new Error('disk full'));
    expect(await response.completed).toMatchObject({ aborted: true });
    expect(client.health()).toMatchObject({ status: 'unknown', endpoints: [{ circuit: 'closed' }] });
  });
});

describe('a body that breaks', () => {
  test('fails, and completed rejects with the same error, which nobody has to look at', async () => {
    const body = dripping();
    users.answers(body.answer);
    const { client, events } = openClient();
    const response = await client.stream('GET', '/');
    body.send('half');
    body.fail();
    const error = await rejectionOf(response.body.toArray());
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'body', gatewayStatus: 502 });
    expect(await rejectionOf(response.completed)).toBe(error);
    expect(events.of('stream:end')).toMatchObject([{ outcome: 'failure', code: 'ERR_NETWORK' }]);
  });

  test('is a failure for the circuit, though the head was fine', async () => {
    const body = dripping();
    users.answers(body.answer);
    const { client } = openClient({ circuitBreaker: { minThroughput: 1, failureRatio: 1 } });
    const response = await client.stream('GET', '/');
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed', inFlight: 1 }]);
    body.fail();
    await rejectionOf(response.body.toArray());
    expect(client.health().endpoints).toMatchObject([{ circuit: 'open', inFlight: 0 }]);
  });

  test('breaks with the reason when the caller aborts, and that is neutral', async () => {
    const body = dripping();
    users.answers(body.answer);
    const { client, events } = openClient({ circuitBreaker: { minThroughput: 1, failureRatio: 0.01 } });
    const controller = new AbortController();
    const response = await client.stream('GET', '/', { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await rejectionOf(response.body.toArray())).toBe(reason);
    expect(await rejectionOf(response.completed)).toBe(reason);
    expect(events.of('stream:end')).toMatchObject([{ outcome: 'aborted' }]);
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed' }]);
  });
});

describe('time limits of a stream', () => {
  test('attempt and total time end at the head', async () => {
    const body = dripping();
    users.answers(body.answer);
    const { client, clock } = openClient({ timeout: { idleMs: false } });
    const response = await client.stream('GET', '/');
    const content = response.body.toArray();
    await clock.advance(120_000);
    body.send('late');
    body.end();
    expect(Buffer.concat(await content).toString()).toBe('late');
  });

  test('they end a stream whose head does not come', async () => {
    users.answers(silent);
    const { client, clock } = openClient({ retry: false });
    const call = rejectionOf(client.stream('GET', '/'));
    await users.received();
    await clock.advance(8000);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'attempt', timeoutMs: 8000 });
  });

  test('silence of the upstream for idleMs breaks the body', async () => {
    const body = dripping();
    users.answers(body.answer);
    const { client, clock } = openClient();
    const response = await client.stream('GET', '/');
    const content = rejectionOf(response.body.toArray());
    await clock.advance(29_999);
    expect(response.body.destroyed).toBe(false);
    await clock.advance(1);
    expect(await content).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'idle', timeoutMs: 30_000 });
  });

  test('a reader that takes its time is no silence', async () => {
    const body = dripping();
    users.answers(body.answer);
    const { client, clock } = openClient();
    const response = await client.stream('GET', '/');
    await clock.advance(600_000);
    body.send('patience');
    body.end();
    expect(Buffer.concat(await response.body.toArray()).toString()).toBe('patience');
  });
});
