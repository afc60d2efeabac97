import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { RawClient } from '../support/raw-client.ts';
import { EAGER_RETRY, openClient } from './open-client.ts';
import { ask, startGateway } from './passthrough-gateway.ts';

const MIB = 1024 * 1024;

describe('an upload through a gateway', () => {
  test.each([401, 413])('that is answered %i on the way stops, and the answer arrives', async status => {
    await using upstream = await startServer((req, res) => {
      req.once('data', () => res.writeHead(status, { 'www-authenticate': 'Basic' }).end('enough'));
    });
    await using gateway = await startGateway(upstream.url, { client: { retry: EAGER_RETRY } });
    const agent = new Agent({ keepAlive: true });
    const req = request({ port: gateway.port, host: '127.0.0.1', agent, method: 'POST' });
    let sent = 0;
    const source = new Readable({
      read() {
        sent += 64 * 1024;
        this.push(Buffer.alloc(64 * 1024));
      },
    });
    req.on('error', () => source.destroy());
    source.pipe(req);
    const [message] = (await once(req, 'response')) as [IncomingMessage];
    expect(message.statusCode).toBe(status);
    expect(String(Buffer.concat(await message.toArray()))).toBe('enough');
    // What nobody wants is not taken off the client for ever.
    await gateway.server.drained();
    source.destroy();
    agent.destroy();
    expect(sent).toBeLessThan(256 * MIB);
    await upstream.drained();
    expect(upstream.requests.map(({ body }) => body)).toEqual([undefined]);
    const result = await gateway.result();
    expect(result).toMatchObject({ status, bytesSent: 6 });
    expect(result).not.toHaveProperty('error');
  });

  test('that is answered 503 is not sent again, since it can be read only once', async () => {
    await using upstream = await startServer((req, res) =>
      req.resume().on('end', () => res.writeHead(503).end()),
    );
    await using gateway = await startGateway(upstream.url, { client: { retry: EAGER_RETRY } });
    const { status, headers } = await ask(gateway.port, { method: 'PUT', body: 'hello' });
    expect([status, headers['x-should-retry'], upstream.requests.length]).toEqual([503, undefined, 1]);
    expect(upstream.requests[0]?.body).toBe('hello');
    const { attempts } = await gateway.result();
    expect(attempts).toMatchObject([{ status: 503, retry: { refused: 'not-retryable' } }]);
  });

  test('whose client stalls and then leaves is broken off at the upstream, never ended', async () => {
    await using upstream = await startServer(req => req.resume());
    await using gateway = await startGateway(upstream.url, { client: { retry: EAGER_RETRY } });
    await using client = new RawClient(gateway.port);
    client.send(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${2 * MIB}\r\n\r\n`);
    client.send(Buffer.alloc(MIB));
    const seen = await upstream.received();
    await client.destroy();
    expect(await seen.whole).toBe(undefined);
    expect(seen.bodyBytes).toBeLessThan(2 * MIB);
    await gateway.result();
    expect(upstream.requests).toHaveLength(1);
    expect(gateway.client.health().endpoints).toMatchObject([{ inFlight: 0, circuit: 'closed' }]);
  });
});

describe('an upload that a function opens', () => {
  test('is sent again from its first byte when the server breaks off amid it', async () => {
    const bytes = randomBytes(3 * MIB);
    const sources: Readable[] = [];
    const sums: string[] = [];
    await using server = await startServer(async (req, res) => {
      if (sources.length < 3) {
        req.once('data', () => req.socket.resetAndDestroy());
        return;
      }
      const hash = createHash('sha256');
      for await (const chunk of req) hash.update(chunk);
      sums.push(hash.digest('hex'));
      res.end();
    });
    await using client = openClient(server);
    const body = () => {
      const source = Readable.from([bytes.subarray(0, MIB), bytes.subarray(MIB)], { objectMode: false });
      sources.push(source);
      return source;
    };
    const { attempts } = await client.put('/', { body, bodyBytes: bytes.length });
    expect(sums).toEqual([createHash('sha256').update(bytes).digest('hex')]);
    expect([attempts.length, sources.length, server.requests.length]).toEqual([3, 3, 3]);
    expect(sources.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
  });
});
