import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type RawExchange, rawResponse, startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const OK = rawResponse('{"ok":true}');
const reset = ({ socket }: RawExchange) => socket.resetAndDestroy();
const silence = () => {};
/** How often a call with these options may reach servers that fail it, with 3 attempts allowed. */
const RESENT: [string, string, object, number][] = [
  ['a GET', 'GET', {}, 3],
  ['a HEAD', 'HEAD', {}, 3],
  ['an OPTIONS', 'OPTIONS', {}, 3],
  ['a PUT', 'PUT', { json: 1 }, 3],
  ['a DELETE', 'DELETE', {}, 3],
  ['a POST', 'POST', { json: 1 }, 1],
  ['a PATCH', 'PATCH', { json: 1 }, 1],
  ['a POST with an idempotency key', 'POST', { json: 1, idempotencyKey: true }, 3],
  ['a POST that says it is idempotent', 'POST', { json: 1, idempotent: true }, 3],
];

describe('a reset before the response', () => {
  test.each(RESENT)('of %s', async (_name, method, options, times) => {
    await using server = await startRawServer(reset);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.request(method, '/x', options));
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'response', gatewayStatus: 503 });
    expect(server.requests).toBe(times);
    const keys = server.heads.map(head => /^idempotency-key: (.*)$/im.exec(head)?.[1]);
    expect(new Set(keys).size).toBe(1);
    await server.drained();
    await leaks.verify();
  });

  test('is survived by what may be resent', async () => {
    await using server = await startRawServer([reset, reset, OK]);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    expect(await client.get('/x')).toMatchObject({ data: { ok: true } });
    expect(server.requests).toBe(3);
    await leaks.verify();
  });

  test('is not resent with retry: false', async () => {
    await using server = await startRawServer(reset);
    await using client = openClient(server, { retry: false });
    const error = await rejectionOf(client.get('/x'));
    expect(error).toMatchObject({ attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(server.requests).toBe(1);
  });
});

/** Time stands still but where a test moves it, and nothing is waited for between attempts. */
const ON_CLOCK = { backoff: { baseDelayMs: 0, maxDelayMs: 0 } };

describe('a server that never answers', () => {
  test.each(RESENT)('ends %s by its attempt time', async (_name, method, options, times) => {
    await using server = await startRawServer(silence);
    const clock = new ManualClock();
    await using client = openClient(server, { clock, timeout: { attemptMs: 400 }, retry: ON_CLOCK });
    const leaks = await watchLeaks([server]);
    const call = rejectionOf(client.request(method, '/x', options));
    for (let attempt = 1; attempt <= times; attempt++) {
      await server.received(attempt);
      await clock.advance(400);
    }
    expect(await call).toMatchObject({
      code: 'ERR_TIMEOUT',
      scope: 'attempt',
      timeoutMs: 400,
      gatewayStatus: 504,
    });
    expect(server.requests).toBe(times);
    await server.drained();
    await leaks.verify();
  });

  test('ends a call by its total time, whatever its attempts have left', async () => {
    await using server = await startRawServer(silence);
    const clock = new ManualClock();
    const timeout = { totalMs: 1000, attemptMs: 700 };
    await using client = openClient(server, { clock, timeout, retry: ON_CLOCK });
    const leaks = await watchLeaks([server]);
    const call = rejectionOf(client.get('/x'));
    await server.received();
    await clock.advance(700);
    await server.received(2);
    await clock.advance(300);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total', timeoutMs: 1000 });
    await server.drained();
    expect(server.requests).toBe(2);
    await leaks.verify();
  });

  test('ends the opening of a stream by its attempt time too', async () => {
    await using server = await startRawServer([silence, OK]);
    const clock = new ManualClock();
    await using client = openClient(server, { clock, timeout: { attemptMs: 400 }, retry: ON_CLOCK });
    const leaks = await watchLeaks([server]);
    const opening = client.stream('GET', '/x');
    await server.received();
    await clock.advance(400);
    const { body, attempts } = await opening;
    expect(Buffer.concat(await body.toArray()).toString()).toBe('{"ok":true}');
    expect(attempts.map(({ code }) => code)).toEqual(['ERR_TIMEOUT', undefined]);
    await leaks.verify();
  });
});

describe('a head that takes for ever', () => {
  const PIECES: [string, (count: number) => string][] = [
    ['one byte of a header at a time', count => 'HTTP/1.1 200 OK\r\nX-Slow: '.charAt(count) || 'x'],
    ['endless hints', () => 'HTTP/1.1 102 Processing\r\n\r\n'],
    ['endless early hints', () => 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
  ];

  test.each(PIECES)('by %s does not stretch the attempt time', async (_name, piece) => {
    let socket: Socket | undefined;
    await using server = await startRawServer(exchange => {
      ({ socket } = exchange);
    });
    const clock = new ManualClock();
    await using client = openClient(server, {
      clock,
      timeout: { attemptMs: 400 },
      retry: { ...ON_CLOCK, maxAttempts: 2 },
    });
    const leaks = await watchLeaks([server]);
    const call = rejectionOf(client.get('/x'));
    for (let attempt = 1; attempt <= 2; attempt++) {
      await server.received(attempt);
      for (let count = 0; count < 40; count++) {
        socket?.write(piece(count));
        await new Promise(resolve => setTimeout(resolve, 1));
        await clock.advance(10);
      }
    }
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'attempt' });
    expect(server.requests).toBe(2);
    await server.drained();
    await leaks.verify();
  });

  test('by hints before the answer is no failure: one request', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n';
    await using server = await startRawServer(`${hints}${OK}`);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    expect(await client.post('/x')).toMatchObject({ status: 200, data: { ok: true } });
    expect(server.requests).toBe(1);
    await leaks.verify();
  });
});

describe('a malformed response', () => {
  const MALFORMED: [string, string][] = [
    ['a garbage status line', 'HTTP/1.1 what is this\r\n\r\n'],
    ['bytes of another protocol', '220 smtp.example.com ESMTP\r\n'],
    ['two content-lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative content-length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['64 KiB of headers', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(65_536)}\r\n\r\n`],
    [
      'a protocol nobody asked for',
      'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi',
    ],
  ];

  test.each(MALFORMED)('with %s is not tried again at the same endpoint', async (_name, bytes) => {
    await using server = await startRawServer(bytes);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.get('/x'));
    expect(error).toMatchObject({
      code: 'ERR_NETWORK',
      phase: 'response',
      attempts: [{ retry: { refused: 'no-endpoint' } }],
    });
    expect(server.requests).toBe(1);
    await server.drained();
    await leaks.verify();
  });

  test.each(MALFORMED)('with %s sends what may be resent elsewhere', async (_name, bytes) => {
    await using broken = await startRawServer(bytes);
    await using live = await startServer();
    await using client = openClient([broken, live]);
    const leaks = await watchLeaks([broken, live]);
    expect((await client.get('/x')).status).toBe(200);
    expect([broken.requests, live.requests.length]).toEqual([1, 1]);
    await broken.drained();
    await leaks.verify();
  });

  test('is not sent elsewhere by a call that may not be resent', async () => {
    await using broken = await startRawServer('HTTP/1.1 what is this\r\n\r\n');
    await using live = await startServer();
    await using client = openClient([broken, live]);
    const error = await rejectionOf(client.post('/x'));
    expect(error).toMatchObject({ phase: 'response', attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect([broken.requests, live.requests.length]).toEqual([1, 0]);
  });
});
