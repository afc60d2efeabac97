import { describe, expect, test } from 'vitest';
import type { StatusError } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { startDripping } from './dripping-server.ts';
import { openClient } from './test-client.ts';

describe('a stream', () => {
  test('resolves at the head, with all that a response says', async () => {
    await using upstream = await startDripping({ 'x-kind': 'video' });
    const { client } = openClient({ baseUrl: upstream.url });
    const response = await client.stream('GET', '/file/{id}', { params: { id: 1 } });
    expect(response).toMatchObject({
      status: 200,
      headers: { 'x-kind': 'video' },
      url: `${upstream.url}/file/1`,
      endpoint: upstream.url,
      service: 'users',
      attempts: [{ number: 1, outcome: 'response', status: 200 }],
    });
    upstream.response.write('one ');
    upstream.response.write('two');
    upstream.response.end();
    expect(Buffer.concat(await response.body.toArray()).toString()).toBe('one two');
  });

  test('tells how its body went when it has ended', async () => {
    await using upstream = await startDripping();
    const { client, clock } = openClient({ baseUrl: upstream.url });
    const response = await client.stream('GET', '/');
    response.body.resume();
    upstream.response.write('x'.repeat(500));
    await clock.advance(2000);
    upstream.response.end();
    expect(await response.completed).toEqual({
      bytes: 500,
      durationMs: 2000,
      bytesPerSecond: 250,
      resumes: 0,
    });
  });
});

describe('a failing status of a stream', () => {
  test('that is endless is cut off there', async () => {
    await using server = await startServer((_, res) => {
      res.writeHead(400, { 'content-type': 'text/plain' });
      const more = () => {
        while (!res.destroyed && res.write('x'.repeat(16_384)));
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
    await using upstream = await startDripping();
    const { client, events } = openClient({ baseUrl: upstream.url });
    const response = await client.stream('GET', '/');
    upstream.response.write('some');
    await new Promise(resolve => response.body.once('data', resolve));
    response.body.destroy();
    expect(await response.completed).toMatchObject({ bytes: 4, aborted: true });
    expect(events.of('stream:end')).toMatchObject([{ outcome: 'aborted', bytes: 4 }]);
    expect(client.health().endpoints).toMatchObject([{ inFlight: 0, circuit: 'closed' }]);
  });

  test('says nothing about the endpoint', async () => {
    await using upstream = await startDripping();
    const { client } = openClient({
      baseUrl: upstream.url,
      circuitBreaker: { minThroughput: 1, failureRatio: 0.01 },
    });
    const response = await client.stream('GET', '/');
    response.body.destroy(new Error('disk full'));
    expect(await response.completed).toMatchObject({ aborted: true });
    expect(client.health()).toMatchObject({ status: 'unknown', endpoints: [{ circuit: 'closed' }] });
  });
});

describe('a body that breaks', () => {
  test('fails, and completed rejects with the same error, which nobody has to look at', async () => {
    await using upstream = await startDripping();
    const { client, events } = openClient({ baseUrl: upstream.url });
    const response = await client.stream('GET', '/');
    upstream.response.write('half');
    upstream.response.destroy();
    const error = await rejectionOf(response.body.toArray());
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'body', gatewayStatus: 502 });
    expect(await rejectionOf(response.completed)).toBe(error);
    expect(events.of('stream:end')).toMatchObject([{ outcome: 'failure', code: 'ERR_NETWORK' }]);
  });

  test('is a failure for the circuit, though the head was fine', async () => {
    await using upstream = await startDripping();
    const { client } = openClient({
      baseUrl: upstream.url,
      circuitBreaker: { minThroughput: 1, failureRatio: 1 },
    });
    const response = await client.stream('GET', '/');
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed', inFlight: 1 }]);
    upstream.response.destroy();
    await rejectionOf(response.body.toArray());
    expect(client.health().endpoints).toMatchObject([{ circuit: 'open', inFlight: 0 }]);
  });

  test('breaks with the reason when the caller aborts, and that is neutral', async () => {
    await using upstream = await startDripping();
    const { client, events } = openClient({
      baseUrl: upstream.url,
      circuitBreaker: { minThroughput: 1, failureRatio: 0.01 },
    });
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
    await using upstream = await startDripping();
    const { client, clock } = openClient({ baseUrl: upstream.url, timeout: { idleMs: false } });
    const response = await client.stream('GET', '/');
    const content = response.body.toArray();
    await clock.advance(120_000);
    upstream.response.write('late');
    upstream.response.end();
    expect(Buffer.concat(await content).toString()).toBe('late');
  });

  test('they end a stream whose head does not come', async () => {
    await using server = await startServer(() => {});
    const { client, clock } = openClient({ baseUrl: server.url, retry: false });
    const call = rejectionOf(client.stream('GET', '/'));
    await server.received();
    await clock.advance(8000);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'attempt', timeoutMs: 8000 });
  });

  test('silence of the upstream for idleMs breaks the body', async () => {
    await using upstream = await startDripping();
    const { client, clock } = openClient({ baseUrl: upstream.url });
    const response = await client.stream('GET', '/');
    const content = rejectionOf(response.body.toArray());
    await clock.advance(29_999);
    expect(response.body.destroyed).toBe(false);
    await clock.advance(1);
    expect(await content).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'idle', timeoutMs: 30_000 });
  });

  test('a reader that takes its time is no silence', async () => {
    await using upstream = await startDripping();
    const { client, clock } = openClient({ baseUrl: upstream.url });
    const response = await client.stream('GET', '/');
    await clock.advance(600_000);
    upstream.response.write('patience');
    upstream.response.end();
    expect(Buffer.concat(await response.body.toArray()).toString()).toBe('patience');
  });
});
