import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { rawResponse, startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const TOUCHY = { minThroughput: 2, failureRatio: 0.01 };
const User = z.object({ id: z.number(), name: z.string() });
const page = rawResponse('<h1>hello</h1>', 'HTTP/1.1 200 OK\r\nContent-Type: text/html');
const json = (body: string) => rawResponse(body);
const gzipped = (bytes: Buffer) => ({ 'content-encoding': 'gzip', 'content-length': String(bytes.length) });

const BREACHES: [string, string, object, string][] = [
  ['HTML where JSON was asked for', page, { responseType: 'json' }, 'ERR_DECODE'],
  ['HTML where a schema was given', page, { schema: User }, 'ERR_VALIDATION'],
  ['JSON that is cut short', json('{"id":1,"na'), {}, 'ERR_DECODE'],
  ['JSON with a comma too many', json('{"id":1,}'), { schema: User }, 'ERR_DECODE'],
  ['JSON of another shape', json('{"id":"one","name":"Ada"}'), { schema: User }, 'ERR_VALIDATION'],
  ['nothing where a schema was given', json(''), { schema: User }, 'ERR_VALIDATION'],
  [
    'text in a charset nobody knows',
    rawResponse('{}', 'HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=klingon'),
    {},
    'ERR_DECODE',
  ],
];

describe('a complete answer that breaks the contract', () => {
  test.each(BREACHES)('by %s is asked for once', async (_name, bytes, options, code) => {
    await using server = await startRawServer(bytes);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.get('/x', options));
    expect(error).toMatchObject({
      code,
      gatewayStatus: 502,
      attempts: [{ outcome: 'response', status: 200 }],
    });
    expect(server.requests).toBe(1);
    await leaks.verify();
  });

  test.each(BREACHES)('by %s leaves the circuit alone', async (_name, bytes, options) => {
    await using server = await startRawServer(bytes);
    await using client = openClient(server, { circuitBreaker: TOUCHY });
    for (let count = 0; count < 5; count++) await rejectionOf(client.get('/x', options));
    expect(server.requests).toBe(5);
    expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed', status: 'up' }] });
  });

  test('is a success to the circuit: as a trial it closes it', async () => {
    const clock = new ManualClock();
    let status = 500;
    await using server = await startServer((_req, res) => {
      res.writeHead(status, { 'content-type': 'application/json' }).end('{"cut');
    });
    await using client = openClient(server, {
      clock,
      retry: false,
      circuitBreaker: { ...TOUCHY, openMs: 1000 },
    });
    for (let count = 0; count < 2; count++) await rejectionOf(client.get('/x'));
    expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'open' }] });
    await clock.advance(1000);
    status = 200;
    expect(await rejectionOf(client.get('/x'))).toMatchObject({ code: 'ERR_DECODE' });
    expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed' }] });
  });

  test('leaves its connection usable', async () => {
    await using server = await startServer((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"cut');
    });
    await using client = openClient(server);
    for (let count = 0; count < 3; count++) await rejectionOf(client.get('/x'));
    expect([server.requests.length, server.connections]).toEqual([3, 1]);
  });

  test('is replaced by a fallback where there is one', async () => {
    await using server = await startServer((_req, res) => sendJson(res, { id: 'one' }));
    await using client = openClient(server);
    const answer = await client.get('/x', { schema: User, fallback: { id: 0, name: 'nobody' } });
    expect(answer).toMatchObject({
      fromFallback: true,
      data: { id: 0 },
      fallbackError: { code: 'ERR_VALIDATION' },
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a content coding that is', () => {
  const whole = zlib.gzipSync(JSON.stringify({ id: 1, name: 'Ada' }));
  const corrupt = Buffer.from(whole);
  corrupt.fill(0xff, 12, 20);
  const FAULTS: [string, Buffer][] = [
    ['corrupt', corrupt],
    ['cut short', whole.subarray(0, whole.length - 10)],
    ['not there at all', Buffer.from('{"id":1,"name":"Ada"}')],
  ];

  test.each(FAULTS)(
    '%s is a DecodeError, asked for once, and no verdict on the endpoint',
    async (_name, bytes) => {
      await using server = await startServer((_req, res) => {
        res.writeHead(200, { 'content-type': 'application/json', ...gzipped(bytes) }).end(bytes);
      });
      await using client = openClient(server, { circuitBreaker: TOUCHY });
      const leaks = await watchLeaks([server]);
      for (let count = 0; count < 3; count++) {
        expect(await rejectionOf(client.get('/x'))).toMatchObject({ code: 'ERR_DECODE', status: 200 });
      }
      expect(server.requests).toHaveLength(3);
      expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed' }] });
      await leaks.verify();
    },
  );

  test.each(FAULTS)('%s breaks a stream with a DecodeError', async (_name, bytes) => {
    await using server = await startServer((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', ...gzipped(bytes) }).end(bytes);
    });
    await using client = openClient(server, { circuitBreaker: TOUCHY });
    const leaks = await watchLeaks([server]);
    const { body, completed } = await client.stream('GET', '/x');
    const error = await rejectionOf(body.toArray());
    expect(error).toMatchObject({ code: 'ERR_DECODE' });
    expect(await rejectionOf(completed)).toBe(error);
    expect(server.requests).toHaveLength(1);
    await leaks.verify();
  });
});
