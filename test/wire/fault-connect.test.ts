import dns from 'node:dns';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startBlackhole } from '../support/blackhole.ts';
import { ca, elsewherePair, serverPair } from '../support/certificates.ts';
import { refusedPort, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const realLookup = dns.lookup;

afterEach(() => {
  dns.lookup = realLookup;
});

type Found = { address: string } | { code: string } | undefined;

/** Answers the name lookups of this process: an address, an error, or nothing ever. Returns the names asked for. */
function stubLookup(answer: (hostname: string, count: number) => Found): string[] {
  const asked: string[] = [];
  const stub = (hostname: string, _options: unknown, callback: (...answer: unknown[]) => void) => {
    asked.push(hostname);
    const found = answer(hostname, asked.length);
    if (found === undefined) return;
    if ('address' in found) process.nextTick(callback, null, [{ address: found.address, family: 4 }]);
    else {
      const text = `getaddrinfo ${found.code} ${hostname}`;
      process.nextTick(
        callback,
        Object.assign(new Error(text), { ...found, syscall: 'getaddrinfo', hostname }),
      );
    }
  };
  Object.assign(dns, { lookup: stub });
  return asked;
}

const refusedUrl = async () => `http://127.0.0.1:${await refusedPort()}`;

/** How late timers run on this machine just now, in milliseconds, told when asked. */
function watchLag(): () => number {
  let last = performance.now();
  let worst = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - 5);
    last = now;
  }, 5);
  return () => {
    clearInterval(timer);
    return worst;
  };
}

describe('a refused connection', () => {
  test.each(['GET', 'POST', 'PATCH', 'PUT', 'DELETE'])(
    'sends a %s to another endpoint, once',
    async method => {
      await using live = await startServer();
      await using client = openClient([await refusedUrl(), live]);
      const leaks = await watchLeaks([live]);
      const json = method === 'GET' || method === 'DELETE' ? undefined : { a: 1 };
      const { status, attempts } = await client.request(method, '/x', { json });
      expect(status).toBe(200);
      expect(attempts.map(({ code, retry }) => [code, retry])).toEqual([
        ['ERR_NETWORK', expect.objectContaining({ source: 'backoff' })],
        [undefined, undefined],
      ]);
      expect(live.requests.map(seen => [seen.method, seen.body])).toEqual([[method, json ? '{"a":1}' : '']]);
      await leaks.verify();
    },
  );

  test('everywhere ends the call once its attempts are spent', async () => {
    await using client = openClient([await refusedUrl(), await refusedUrl()]);
    const leaks = await watchLeaks();
    const error = await rejectionOf(client.post('/x'));
    expect(error).toMatchObject({
      code: 'ERR_NETWORK',
      phase: 'connect',
      systemCode: 'ECONNREFUSED',
      gatewayStatus: 503,
    });
    expect(error).toMatchObject({ attempts: [{}, {}, { retry: { refused: 'attempts-spent' } }] });
    await leaks.verify();
  });

  test('is not tried again elsewhere with a body that can be read only once', async () => {
    await using live = await startServer();
    await using client = openClient([await refusedUrl(), live]);
    const leaks = await watchLeaks([live]);
    const body = Readable.from([Buffer.from('once')]);
    const error = await rejectionOf(client.post('/x', { body }));
    expect(error).toMatchObject({ phase: 'connect', attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect([live.requests.length, body.destroyed]).toEqual([0, true]);
    await leaks.verify();
  });

  test('of an endpoint that is back is no failure any more', async () => {
    const port = await refusedPort();
    await using client = openClient(`http://127.0.0.1:${port}`, { retry: false });
    await rejectionOf(client.get('/x'));
    await using server = await startServer(undefined, { port });
    expect((await client.get('/x')).status).toBe(200);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a connect that hangs', () => {
  test('ends at the connect limit, with its half-made socket', async () => {
    await using blackhole = await startBlackhole();
    await using client = openClient(blackhole, { timeout: { connectMs: 200 }, retry: false });
    const leaks = await watchLeaks();
    const lag = watchLag();
    const before = performance.now();
    const error = await rejectionOf(client.get('/x'));
    const tookMs = performance.now() - before;
    expect(error).toMatchObject({
      code: 'ERR_TIMEOUT',
      scope: 'connect',
      timeoutMs: 200,
      gatewayStatus: 504,
    });
    expect(tookMs).toBeGreaterThan(190);
    expect(tookMs).toBeLessThan(250 + 3 * lag());
    await leaks.verify();
  });

  test('lets even a POST go on to another endpoint, where it is executed once', async () => {
    await using blackhole = await startBlackhole();
    await using live = await startServer();
    await using client = openClient([blackhole, live], { timeout: { connectMs: 200 } });
    const leaks = await watchLeaks([live]);
    const { attempts } = await client.post('/x', { json: {} });
    expect(attempts.map(({ code }) => code)).toEqual(['ERR_TIMEOUT', undefined]);
    expect(live.requests).toHaveLength(1);
    await leaks.verify();
  });

  test('is capped by the time the call has left', async () => {
    await using blackhole = await startBlackhole();
    await using client = openClient(blackhole, { timeout: { totalMs: 80, attemptMs: 80, connectMs: 80 } });
    const leaks = await watchLeaks();
    const error = await rejectionOf(client.get('/x', { deadline: Date.now() + 40 }));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
    await leaks.verify();
  });
});

describe('a name', () => {
  test('that does not exist is looked up once where there is no other endpoint', async () => {
    const asked = stubLookup(() => ({ code: 'ENOTFOUND' }));
    await using client = openClient('http://gone.test');
    const leaks = await watchLeaks();
    const error = await rejectionOf(client.get('/x'));
    expect(error).toMatchObject({
      phase: 'lookup',
      systemCode: 'ENOTFOUND',
      attempts: [{ retry: { refused: 'no-endpoint' } }],
    });
    expect(asked).toEqual(['gone.test']);
    await leaks.verify();
  });

  test('that does not exist sends any method to another endpoint', async () => {
    await using live = await startServer();
    const asked = stubLookup(() => ({ code: 'ENOTFOUND' }));
    await using client = openClient(['http://gone.test', live]);
    await client.post('/x');
    expect([asked, live.requests.length]).toEqual([['gone.test'], 1]);
  });

  test('that cannot be looked up for now is looked up again, for any method', async () => {
    await using live = await startServer();
    const asked = stubLookup((_name, count) =>
      count < 3 ? { code: 'EAI_AGAIN' } : { address: '127.0.0.1' },
    );
    await using client = openClient(`http://users.test:${live.port}`);
    const leaks = await watchLeaks([live]);
    const { attempts } = await client.post('/x');
    expect(attempts.map(({ code }) => code)).toEqual(['ERR_NETWORK', 'ERR_NETWORK', undefined]);
    expect([asked.length, live.requests.length]).toEqual([3, 1]);
    await leaks.verify();
  });

  test('whose lookup hangs ends at the connect limit and is looked up again', async () => {
    await using live = await startServer();
    const asked = stubLookup((_name, count) => (count === 1 ? undefined : { address: '127.0.0.1' }));
    await using client = openClient(`http://users.test:${live.port}`, { timeout: { connectMs: 200 } });
    const leaks = await watchLeaks([live]);
    const { attempts } = await client.post('/x');
    expect(attempts.map(({ code }) => code)).toEqual(['ERR_TIMEOUT', undefined]);
    expect([asked.length, live.requests.length]).toEqual([2, 1]);
    await leaks.verify();
  });
});

describe('a TLS handshake', () => {
  test('with a certificate for another name is not tried again, and nothing is sent', async () => {
    await using server = await startServer(undefined, { tls: elsewherePair });
    await using client = openClient(server, { tls: { ca } });
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.get('/x'));
    expect(error).toMatchObject({ phase: 'tls', attempts: [{ retry: { refused: 'not-retryable' } }] });
    await server.drained();
    expect([server.connections, server.requests.length]).toEqual([1, 0]);
    await leaks.verify();
  });

  test('that is reset was no request: even a POST goes on', async () => {
    await using rude = await startRawServer([], socket =>
      socket.once('data', () => socket.resetAndDestroy()),
    );
    await using live = await startServer(undefined, { tls: serverPair });
    await using client = openClient([`https://127.0.0.1:${rude.port}`, live], { tls: { ca } });
    const leaks = await watchLeaks([rude, live]);
    const { attempts } = await client.post('/x', { json: {} });
    expect(attempts.map(({ code }) => code)).toEqual(['ERR_NETWORK', undefined]);
    expect([rude.connections, live.requests.length]).toEqual([1, 1]);
    await leaks.verify();
  });

  test('that hangs ends at the connect limit', async () => {
    await using silent = await startRawServer([]);
    await using client = openClient(`https://127.0.0.1:${silent.port}`, {
      timeout: { connectMs: 100 },
      tls: { ca },
    });
    const leaks = await watchLeaks([silent]);
    const error = await rejectionOf(client.post('/x'));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'connect' });
    await vi.waitFor(() => expect(silent.connections).toBe(3));
    await silent.drained();
    await leaks.verify();
  });
});
