import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { onUndici } from '../support/chosen-transport.ts';
import { refusedPort, startServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RawClient } from '../support/raw-client.ts';
import { type RawExchange, startRawServer } from '../support/raw-server.ts';
import { openClient } from './open-client.ts';
import { type Gateway, type GatewaySettings, startGateway } from './passthrough-gateway.ts';

const HEAD = 'POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const STORED = 'HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\nstored';

/** A gateway whose application asks to be asked. */
async function startAskingGateway(upstreamUrl: string, settings: GatewaySettings = {}): Promise<Gateway> {
  const gateway = await startGateway(upstreamUrl, { ...settings, options: { expectContinue: true } });
  const { server } = gateway.server;
  server.on('checkContinue', (...exchange) => server.emit('request', ...exchange));
  return gateway;
}

// undici sends no expectation, and the body is asked for at once: docs/10-transports.md.
if (!onUndici) {
  describe('an upload that waits to be asked for', () => {
    test('is asked for when the upstream asks for it, and not before', async () => {
      const asked = Promise.withResolvers<RawExchange>();
      await using upstream = await startRawServer(exchange => asked.resolve(exchange));
      await using gateway = await startAskingGateway(upstream.url);
      await using client = new RawClient(gateway.port);
      client.send(HEAD);
      const { socket, head } = await asked.promise;
      expect(head).toMatch(/^expect: 100-continue$/im);
      expect(head).toMatch(/^content-length: 5$/im);
      expect(client.text).toBe('');
      const body = once(socket, 'data');
      socket.write(CONTINUE);
      expect(await client.until(CONTINUE)).toBe(CONTINUE);
      client.send('hello');
      expect(String((await body)[0])).toBe('hello');
      socket.write(STORED);
      await client.until('stored');
      expect(client.text.split('HTTP/1.1 100').length).toBe(2);
      expect(client.text).not.toMatch(/connection: close/i);
    });

    test.each([401, 413, 417, 200])('is never sent when it is answered %i', async status => {
      const data: Buffer[] = [];
      await using upstream = await startRawServer(({ socket }) => {
        socket.on('data', chunk => data.push(chunk));
        socket.write(
          `HTTP/1.1 ${status} Some Reason\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n`,
        );
      });
      await using gateway = await startAskingGateway(upstream.url);
      await using client = new RawClient(gateway.port);
      const before = performance.now();
      client.send(HEAD);
      expect(await client.ended).toBe('end');
      // Nobody waits for an upload that does not come.
      expect(performance.now() - before).toBeLessThan(500);
      expect(client.text).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*no\r\n0\r\n\r\n$`));
      expect(client.text).toMatch(/^connection: close\r$/im);
      await upstream.drained();
      expect(data).toEqual([]);
      expect(await gateway.result()).toMatchObject({ status, bytesSent: 2 });
    });

    test('is not asked for once its answer has begun, however long that goes on', async () => {
      const clock = new ManualClock();
      const begun = Promise.withResolvers<RawExchange>();
      await using upstream = await startRawServer(exchange => {
        exchange.socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nno');
        begun.resolve(exchange);
      });
      await using gateway = await startAskingGateway(upstream.url, { client: { clock } });
      await using client = new RawClient(gateway.port);
      client.send(HEAD);
      await client.until(/\r\n\r\nno$/);
      await clock.advance(2000);
      (await begun.promise).socket.write('no');
      await client.until(/nono$/);
      expect(await client.ended).toBe('end');
      expect(client.text).not.toContain('100 Continue');
    });

    test('is asked for after a second by the clock when the upstream says nothing', async () => {
      const clock = new ManualClock();
      const asked = Promise.withResolvers<RawExchange>();
      await using upstream = await startRawServer(exchange => asked.resolve(exchange));
      const timeout = { attemptMs: 500, connectMs: 500 };
      await using gateway = await startAskingGateway(upstream.url, { client: { clock, timeout } });
      await using client = new RawClient(gateway.port);
      client.send(HEAD);
      const { socket } = await asked.promise;
      await clock.advance(999);
      expect(client.text).toBe('');
      await clock.advance(1);
      await client.until(CONTINUE);
      client.send('hello');
      await once(socket, 'data');
      socket.write(STORED);
      await client.until('stored');
      await gateway.result();
      expect(clock.timers.filter(({ ms }) => ms === 1000)).toEqual([]);
    });

    test('is not asked for when the upstream cannot be reached', async () => {
      await using gateway = await startAskingGateway(`http://127.0.0.1:${await refusedPort()}`);
      await using client = new RawClient(gateway.port);
      client.send(HEAD);
      await client.ended;
      expect(client.text).toMatch(/^HTTP\/1\.1 503 [\s\S]*ERR_NETWORK/);
    });

    test('may come unasked, and is passed on once it is wanted', async () => {
      await using upstream = await startServer();
      await using gateway = await startAskingGateway(upstream.url);
      await using client = new RawClient(gateway.port);
      client.send(`${HEAD}hello`);
      await client.until('{"ok":true}');
      expect(upstream.requests[0]?.body).toBe('hello');
    });

    test('whose client leaves meanwhile aborts the upstream', async () => {
      const clock = new ManualClock();
      await using upstream = await startRawServer(() => {});
      await using gateway = await startAskingGateway(upstream.url, { client: { clock } });
      await using client = new RawClient(gateway.port);
      client.send(HEAD);
      await upstream.received();
      await client.destroy();
      await upstream.drained();
      expect(await gateway.result()).toMatchObject({ status: 499 });
      expect(clock.timers).toEqual([]);
    });

    test('goes from end to end between servers and clients of Node', async () => {
      await using upstream = await startServer();
      await using gateway = await startAskingGateway(upstream.url);
      const headers = { expect: '100-continue', 'transfer-encoding': 'chunked' };
      const req: ClientRequest = request({ port: gateway.port, method: 'PUT', headers, agent: false });
      req.flushHeaders();
      await once(req, 'continue');
      expect(upstream.requests[0]?.bodyBytes).toBe(0);
      req.end('hello');
      const [message] = (await once(req, 'response')) as [IncomingMessage];
      message.resume();
      expect(message.statusCode).toBe(200);
      expect(upstream.requests[0]?.body).toBe('hello');
    });
  });
}

test.each([
  ['of HTTP/1.0', 'POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello'],
  ['without a body', 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n'],
  [
    'without an expectation',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi',
  ],
])('a request %s passes without one', async (_name, bytes) => {
  await using upstream = await startServer();
  await using gateway = await startAskingGateway(upstream.url);
  await using client = new RawClient(gateway.port);
  client.send(bytes);
  await client.until('{"ok":true}');
  expect(client.text).not.toMatch(/100 Continue/);
  expect(upstream.requests[0]?.headers).not.toHaveProperty('expect');
});

if (!onUndici) {
  test('a body that a function opens is opened only for the attempt that is asked for it', async () => {
    const refuse = 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n';
    await using upstream = await startRawServer([
      refuse,
      ({ socket }) => {
        socket.write(CONTINUE);
        socket.once('data', () => socket.write(STORED));
      },
    ]);
    await using client = openClient(upstream.url);
    let opened = 0;
    const body = () => {
      opened++;
      return Readable.from([Buffer.from('hello')]);
    };
    const headers = { expect: '100-continue' };
    const { status, data } = await client.put('/', { body, bodyBytes: 5, headers, responseType: 'text' });
    expect([status, data, opened, upstream.requests]).toEqual([201, 'stored', 1, 2]);
  });
}
