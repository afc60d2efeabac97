import { describe, expect, test, vi } from 'vitest';
import type { ServiceClientOptions } from '../../src/options/client-options.ts';
import { eventNames } from '../support/event-recorder.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const OWN = new Error('own fault');
const throws = () => {
  throw OWN;
};
const rejects = () => Promise.reject(OWN);
const hangs = () => new Promise<never>(() => {});
const FAILING: [string, () => unknown][] = [
  ['throws', throws],
  ['rejects', rejects],
];

/** Answers `/ok` with 200, `/flaky` with 503 every second time, anything else with 503. */
const startMixed = () => {
  let count = 0;
  return startServer(async (req, res, seen) => {
    req.resume();
    await seen.whole;
    const well = seen.url === '/ok' || (seen.url === '/flaky' && count++ % 2 === 1);
    sendJson(res, { id: 1 }, well ? 200 : 503);
  });
};

/** The codes of the warnings to the process while `run` runs, and a little longer; they are kept off the terminal. */
async function warningsOf(run: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = [];
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
    warnings.push((options as { code?: string } | undefined)?.code ?? String(message));
  });
  try {
    await run();
    await new Promise(resolve => setTimeout(resolve, 10));
  } finally {
    spy.mockRestore();
  }
  return warnings;
}

describe('a listener that', () => {
  test.each([...FAILING, ['hangs', hangs]])(
    '%s at every event breaks nothing and is reported once',
    async (_name, listener) => {
      await using server = await startMixed();
      await using client = openClient(server, { circuitBreaker: { minThroughput: 20, failureRatio: 0.6 } });
      const warnings = await warningsOf(async () => {
        for (const name of eventNames) client.on(name, listener as () => void);
        for (let count = 0; count < 5; count++) {
          expect((await client.get('/flaky')).status).toBe(200);
          expect((await client.get('/ok')).status).toBe(200);
          expect(await rejectionOf(client.get('/down', { retry: false }))).toMatchObject({ status: 503 });
        }
        await (await client.stream('GET', '/ok')).body.toArray();
        while (client.health().endpoints[0]?.circuit === 'closed')
          await rejectionOf(client.get('/down', { retry: false }));
        expect(await rejectionOf(client.get('/ok'))).toMatchObject({ code: 'ERR_CIRCUIT_OPEN' });
      });
      expect(warnings).toEqual(listener === hangs ? [] : ['HOLDFAST_LISTENER']);
      expect(server.requests.filter(({ url }) => url !== '/down')).toHaveLength(5 * 3 + 1);
      expect(client.health().endpoints[0]?.inFlight).toBe(0);
    },
  );

  test('throws does not keep the event from the next one', async () => {
    await using server = await startMixed();
    await using client = openClient(server);
    const seen: string[] = [];
    await warningsOf(async () => {
      client.on('call:end', throws);
      client.on('call:end', ({ outcome }) => seen.push(outcome));
      await client.get('/ok');
    });
    expect(seen).toEqual(['success']);
  });
});

describe('a logger that', () => {
  test.each([...FAILING, ['hangs', hangs]])('%s breaks nothing and is reported once', async (_name, log) => {
    await using server = await startMixed();
    const logger = { debug: log, info: log, warn: log, error: log } as never;
    await using client = openClient(server, { logger });
    const warnings = await warningsOf(async () => {
      for (let count = 0; count < 3; count++) {
        expect((await client.get('/flaky')).status).toBe(200);
        expect(await rejectionOf(client.get('/down'))).toMatchObject({ status: 503 });
      }
    });
    expect(warnings).toEqual(log === hangs ? [] : ['HOLDFAST_LISTENER']);
    expect(server.requests).toHaveLength(3 * 5);
  });
});

describe('retry.shouldRetry that', () => {
  test.each([
    ...FAILING,
    ['hangs', hangs],
    ['returns a text', () => 'yes'],
    ['returns a promise of false', async () => false],
  ] as [string, () => unknown][])(
    '%s leaves the decision as it was, and is reported once',
    async (_name, hook) => {
      await using server = await startMixed();
      // The hook of another test that is the same function has been reported already.
      const shouldRetry = () => hook();
      await using client = openClient(server, { retry: { shouldRetry: shouldRetry as never } });
      const warnings = await warningsOf(async () => {
        for (let count = 0; count < 3; count++) {
          expect(await rejectionOf(client.get('/down'))).toMatchObject({ code: 'ERR_STATUS', status: 503 });
        }
        await rejectionOf(client.post('/down'));
      });
      expect(server.requests).toHaveLength(3 * 3 + 1);
      expect(warnings).toEqual(['HOLDFAST_SHOULD_RETRY']);
    },
  );
});

describe('a schema that', () => {
  const schema = (validate: () => unknown) =>
    ({ '~standard': { version: 1, vendor: 'test', validate } }) as never;

  test.each([...FAILING, ['returns nothing', () => undefined], ['returns a text', () => 'fine']])(
    '%s is a ValidationError, after one request, and says nothing about the endpoint',
    async (_name, validate) => {
      await using server = await startMixed();
      await using client = openClient(server, { circuitBreaker: { minThroughput: 1, failureRatio: 0.01 } });
      const leaks = await watchLeaks([server]);
      const error = await rejectionOf(client.get('/ok', { schema: schema(validate) }));
      expect(error).toMatchObject({ code: 'ERR_VALIDATION', gatewayStatus: 502 });
      if (validate === throws || validate === rejects) expect((error as Error).cause).toBe(OWN);
      expect(server.requests).toHaveLength(1);
      expect(client.health().endpoints[0]).toMatchObject({ circuit: 'closed', inFlight: 0 });
      await leaks.verify();
    },
  );

  test('hangs is ended by the total time, and by an abort', async () => {
    await using server = await startMixed();
    await using client = openClient(server, { timeout: { totalMs: 150 } });
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.get('/ok', { schema: schema(hangs) }));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
    const controller = new AbortController();
    const call = client.get('/ok', {
      schema: schema(hangs),
      signal: controller.signal,
      timeout: { totalMs: false },
    });
    await server.received(2);
    controller.abort('left');
    expect(await rejectionOf(call)).toBe('left');
    await leaks.verify([controller.signal]);
  });
});

describe('an endpoint picker that', () => {
  test.each([
    ['throws', throws, OWN],
    ['rejects', rejects, expect.any(TypeError)],
    ['returns an endpoint of its own', () => ({ url: 'http://evil.test' }), expect.any(TypeError)],
    ['returns a number', () => 1, expect.any(TypeError)],
    ['returns null', () => null, expect.any(TypeError)],
    ['returns nothing', () => undefined, undefined],
  ] as [string, () => unknown, unknown][])(
    '%s sends nothing and frees everything',
    async (_name, pick, cause) => {
      await using server = await startMixed();
      await using client = openClient([server, 'http://127.0.0.1:1'], {
        loadBalancing: { strategy: { pick: pick as never } },
        bulkhead: { maxConcurrent: 1 },
      });
      const leaks = await watchLeaks([server]);
      for (let count = 0; count < 3; count++) {
        const error = await rejectionOf(client.get('/ok'));
        expect(error).toMatchObject({ code: 'ERR_NO_ENDPOINT', gatewayStatus: 503 });
        expect((error as Error).cause).toEqual(cause);
      }
      expect(server.requests).toHaveLength(0);
      await leaks.verify();
    },
  );
});

describe('an interceptor that', () => {
  const KINDS = ['call', 'attempt'] as const;

  test.each(KINDS.flatMap(kind => FAILING.map(([how, hook]) => [kind, how, hook] as const)))(
    'runs around each %s and %s ends the call with its own error, and nothing is sent',
    async (kind, _how, hook) => {
      await using server = await startMixed();
      await using client = openClient(server, {
        interceptors: { [kind]: [hook] },
        bulkhead: { maxConcurrent: 1 },
      });
      const leaks = await watchLeaks([server]);
      for (let count = 0; count < 3; count++) expect(await rejectionOf(client.get('/ok'))).toBe(OWN);
      expect(server.requests).toHaveLength(0);
      expect(client.health().endpoints[0]).toMatchObject({ circuit: 'closed', inFlight: 0 });
      await leaks.verify();
    },
  );

  test.each(KINDS)(
    'runs around each %s and throws after the answer gives its connection back',
    async kind => {
      await using server = await startServer((_req, res) => res.end('x'.repeat(1_000_000)));
      const late = async (request: never, next: (request: never) => Promise<unknown>) => {
        await next(request);
        throw OWN;
      };
      await using client = openClient(server, {
        interceptors: { [kind]: [late] },
        bulkhead: { maxConcurrent: 1 },
      });
      const leaks = await watchLeaks([server]);
      for (let count = 0; count < 3; count++) {
        expect(await rejectionOf(client.get('/x'))).toBe(OWN);
        expect(await rejectionOf(client.stream('GET', '/x'))).toBe(OWN);
      }
      expect(server.requests).toHaveLength(6);
      expect(client.health().endpoints[0]?.inFlight).toBe(0);
      await leaks.verify();
    },
  );

  test.each(KINDS)(
    'runs around each %s and hangs is ended by the total time, and by an abort',
    async kind => {
      await using server = await startMixed();
      await using client = openClient(server, {
        interceptors: { [kind]: [hangs] },
        timeout: { totalMs: 150 },
      });
      const leaks = await watchLeaks([server]);
      expect(await rejectionOf(client.get('/ok'))).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
      const controller = new AbortController();
      const call = client.get('/ok', { signal: controller.signal, timeout: { totalMs: false } });
      controller.abort('left');
      expect(await rejectionOf(call)).toBe('left');
      expect(server.requests).toHaveLength(0);
      await leaks.verify([controller.signal]);
    },
  );

  test.each(KINDS)(
    'runs around each %s and never takes the answer of next() leaves nothing behind',
    async kind => {
      await using server = await startServer((_req, res) => res.end('x'.repeat(1_000_000)));
      const forgetful = async (request: never, next: (request: never) => Promise<unknown>) => {
        void next(request).catch(() => {});
        return hangs();
      };
      await using client = openClient(server, {
        interceptors: { [kind]: [forgetful] },
        timeout: { totalMs: 80 },
        bulkhead: { maxConcurrent: 1 },
      });
      const leaks = await watchLeaks([server]);
      for (let count = 0; count < 2; count++) {
        expect(await rejectionOf(client.stream('GET', '/x'))).toMatchObject({
          code: 'ERR_TIMEOUT',
          scope: 'total',
        });
      }
      expect(client.health().endpoints[0]?.inFlight).toBe(0);
      await leaks.verify();
    },
  );

  test.each([undefined, null, 1, 'text', {}, []])(
    'returns %j instead of an answer fails the call, not the process',
    async answer => {
      await using server = await startMixed();
      for (const kind of KINDS) {
        await using client = openClient(server, { interceptors: { [kind]: [async () => answer as never] } });
        const leaks = await watchLeaks([server]);
        // Whatever it makes of it, it settles.
        await client.safe.get('/ok');
        await client.stream('GET', '/ok').then(
          response => (response as { body?: { destroy?: () => void } } | undefined)?.body?.destroy?.(),
          () => {},
        );
        expect(client.health().endpoints[0]?.inFlight).toBe(0);
        await leaks.verify();
      }
      expect(server.requests).toHaveLength(0);
    },
  );
});

describe('auth that', () => {
  test.each(FAILING)('%s ends the call with its own error, and nothing is sent', async (_name, auth) => {
    await using server = await startMixed();
    await using client = openClient(server, { auth: auth as never, circuitBreaker: { minThroughput: 1 } });
    const leaks = await watchLeaks([server]);
    for (let count = 0; count < 3; count++) expect(await rejectionOf(client.get('/ok'))).toBe(OWN);
    expect(server.requests).toHaveLength(0);
    expect(client.health().endpoints[0]).toMatchObject({ circuit: 'closed', inFlight: 0 });
    await leaks.verify();
  });

  test.each([undefined, '', 7, 'Bearer a\r\nX-Evil: 1'])(
    'returns %j sends nothing and does not show it',
    async value => {
      await using server = await startMixed();
      await using client = openClient(server, { auth: (() => value) as never });
      const error = await rejectionOf(client.get('/ok'));
      expect(error).toMatchObject({ code: 'ERR_CONFIGURATION' });
      expect(String(error)).not.toContain('Evil');
      expect(server.requests).toHaveLength(0);
    },
  );

  test('hangs is ended by the total time, its signal too', async () => {
    await using server = await startMixed();
    const signals: AbortSignal[] = [];
    const auth: ServiceClientOptions['auth'] = ({ signal }) => {
      signals.push(signal);
      return hangs();
    };
    await using client = openClient(server, { auth, timeout: { totalMs: 150 } });
    const leaks = await watchLeaks([server]);
    expect(await rejectionOf(client.get('/ok'))).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(server.requests).toHaveLength(0);
    await leaks.verify(signals);
  });

  test.each(FAILING)('%s when it is asked to refresh leaves the connection usable', async (_name, fail) => {
    await using server = await startServer((_req, res) => sendJson(res, {}, 401));
    const auth = (({ refresh }: { refresh: boolean }) => (refresh ? fail() : 'Bearer old')) as never;
    await using client = openClient(server, { auth });
    const leaks = await watchLeaks([server]);
    for (let count = 0; count < 3; count++) expect(await rejectionOf(client.get('/x'))).toBe(OWN);
    expect([server.requests.length, server.connections]).toEqual([3, 1]);
    await leaks.verify();
  });
});

describe('a fallback that', () => {
  test.each(FAILING)('%s leaves the error of the call, and is reported once', async (_name, hook) => {
    await using server = await startMixed();
    const fallback = () => hook();
    await using client = openClient(server, { retry: false });
    const warnings = await warningsOf(async () => {
      for (let count = 0; count < 3; count++) {
        expect(await rejectionOf(client.get('/down', { fallback }))).toMatchObject({
          code: 'ERR_STATUS',
          status: 503,
        });
      }
    });
    expect(warnings).toEqual(['HOLDFAST_FALLBACK']);
    expect(server.requests).toHaveLength(3);
  });

  test('hangs is ended by an abort', async () => {
    await using server = await startMixed();
    await using client = openClient(server, { retry: false });
    const leaks = await watchLeaks([server]);
    const controller = new AbortController();
    const asked = Promise.withResolvers<void>();
    const fallback = () => {
      asked.resolve();
      return hangs();
    };
    const call = rejectionOf(client.get('/down', { fallback, signal: controller.signal }));
    await asked.promise;
    controller.abort('left');
    expect(await call).toBe('left');
    await leaks.verify([controller.signal]);
  });
});

describe('other code of the user', () => {
  test('a body factory that throws or rejects is an upload that failed at its source', async () => {
    await using server = await startMixed();
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.put('/ok', { body: throws }));
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'request', attempts: [{}] });
    expect((error as Error).cause).toBe(OWN);
    for (const body of [rejects, () => 'no stream', () => undefined]) {
      expect(await rejectionOf(client.put('/ok', { body: body as never }))).toMatchObject({ attempts: [{}] });
    }
    await leaks.verify();
  });

  test('random() that returns nonsense delays nothing for ever', async () => {
    await using server = await startMixed();
    for (const draw of [Number.NaN, -5, 7, Number.POSITIVE_INFINITY]) {
      await using client = openClient([server, server.url.replace('127.0.0.1', 'localhost')], {
        random: () => draw,
        loadBalancing: { strategy: 'peak-ewma' },
      });
      expect(await client.safe.get('/down')).toMatchObject({ status: 503, attempts: [{}, {}, {}] });
    }
  });

  test('toJSON of a body that throws is bad input: nothing is sent', async () => {
    await using server = await startMixed();
    await using client = openClient(server);
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    for (const json of [{ toJSON: throws }, cycle, { big: 1n }]) {
      expect(await rejectionOf(client.post('/ok', { json }))).toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    }
    expect(server.connections).toBe(0);
  });
});
