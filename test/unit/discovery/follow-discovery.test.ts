import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import type { EndpointInit } from '../../../src/discovery/endpoint-discovery.ts';
import { FollowDiscovery } from '../../../src/discovery/follow-discovery.ts';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import { Cancellation } from '../../../src/time/cancellation.ts';
import { EventRecorder } from '../../support/event-recorder.ts';
import { ManualClock, settlePromises } from '../../support/manual-clock.ts';

/** One watch that the test feeds. */
class Watch {
  readonly signal: AbortSignal;
  returned = 0;
  #pending = Promise.withResolvers<IteratorResult<readonly EndpointInit[]>>();

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  async yield(...list: EndpointInit[]): Promise<void> {
    await this.yieldRaw(list);
  }

  async yieldRaw(value: unknown): Promise<void> {
    this.#answer(pending => pending.resolve({ done: false, value: value as EndpointInit[] }));
    await settlePromises();
  }

  async end(): Promise<void> {
    this.#answer(pending => pending.resolve({ done: true, value: undefined }));
    await settlePromises();
  }

  async fail(error: unknown): Promise<void> {
    this.#answer(pending => pending.reject(error));
    await settlePromises();
  }

  [Symbol.asyncIterator]() {
    return {
      next: () => this.#pending.promise,
      // Never settles, as that of an async generator does not while it hangs in its own await.
      return: () => {
        this.returned++;
        return new Promise<never>(() => undefined);
      },
    };
  }

  #answer(settle: (pending: PromiseWithResolvers<IteratorResult<readonly EndpointInit[]>>) => void): void {
    const pending = this.#pending;
    this.#pending = Promise.withResolvers();
    settle(pending);
  }
}

function followOnBench({ onWatch = () => {} }: { onWatch?: () => void } = {}) {
  const clock = new ManualClock();
  const events = new EventRecorder();
  const watches: Watch[] = [];
  const applied: string[][] = [];
  const follow = new FollowDiscovery({
    service: 'users',
    discovery: {
      watch: signal => {
        onWatch();
        const watch = new Watch(signal);
        watches.push(watch);
        return watch;
      },
    },
    parse: list =>
      list.map(init => {
        const url = typeof init === 'string' ? init : init.url;
        if (!url.startsWith('http'))
          throw new ConfigurationError({ issues: [{ path: 'url', message: 'is wrong' }] });
        return { url, weight: 1, serverName: undefined, hostHeader: undefined };
      }),
    apply: endpoints => applied.push(endpoints.map(({ url }) => url)),
    events,
    clock,
    random: () => 1,
  });
  const watch = () => {
    const latest = watches.at(-1);
    if (latest === undefined) throw new Error('nobody watches');
    return latest;
  };
  const outcome = (cancellation = new Cancellation()) =>
    Promise.resolve(follow.ready(cancellation)).then(
      () => 'ready',
      (error: { code?: string }) => error.code ?? error,
    );
  const reasons = () => events.of('discovery:failure').map(({ reason }) => reason);
  return { clock, events, watches, applied, follow, watch, outcome, reasons };
}

describe('calls', () => {
  test('start the watch, the first one only, and wait for its answer', async () => {
    const { watches, watch, outcome, applied, follow } = followOnBench();
    expect(watches).toEqual([]);
    const calls = [outcome(), outcome()];
    expect(watches).toHaveLength(1);
    await watch().yield('http://a');
    expect(await Promise.all(calls)).toEqual(['ready', 'ready']);
    expect(applied).toEqual([['http://a']]);
    expect(follow.ready(new Cancellation())).toBeUndefined();
  });

  test('stop waiting when they are cancelled', async () => {
    const { outcome } = followOnBench();
    const cancellation = new Cancellation();
    const call = outcome(cancellation);
    cancellation.cancel('no time left');
    expect(await call).toBe('no time left');
  });

  test('are refused when the first answer has no endpoints, those that come later too', async () => {
    const { watch, outcome } = followOnBench();
    const call = outcome();
    await watch().yield();
    expect([await call, await outcome()]).toEqual(['ERR_NO_ENDPOINT', 'ERR_NO_ENDPOINT']);
    await watch().yield('http://a');
    expect(await outcome()).toBe('ready');
  });

  test('go on waiting while the discovery fails', async () => {
    const { watch, watches, outcome, clock } = followOnBench();
    const call = outcome();
    await watch().fail(new Error('down'));
    await clock.advance(1_000);
    expect(watches).toHaveLength(2);
    await watch().yield('http://a');
    expect(await call).toBe('ready');
  });
});

describe('an answer', () => {
  test('that is empty after a good one is reported and changes nothing', async () => {
    const { watch, outcome, applied, reasons } = followOnBench();
    void outcome();
    await watch().yield('http://a');
    await watch().yield();
    expect([applied, reasons()]).toEqual([[['http://a']], ['an answer without endpoints']]);
    expect(await outcome()).toBe('ready');
  });

  test('that is wrong is reported with what is wrong, and changes nothing', async () => {
    const { watch, outcome, applied, reasons } = followOnBench();
    void outcome();
    await watch().yield('http://a');
    await watch().yield('http://b', 'nonsense');
    await watch().yieldRaw(undefined);
    await watch().yield('http://c');
    expect(applied).toEqual([['http://a'], ['http://c']]);
    expect(reasons()).toEqual([
      expect.stringMatching(/^an answer that cannot be used: .*url: is wrong/s),
      'an answer that cannot be used: TypeError',
    ]);
  });
});

describe('a watch', () => {
  test('that ends is reported and begun again, ever more slowly', async () => {
    const { watch, watches, outcome, clock, reasons } = followOnBench();
    void outcome();
    const pauses: number[] = [];
    for (let round = 1; round <= 7; round++) {
      await watch().end();
      const [timer] = clock.timers;
      expect(timer?.unreferenced).toBe(true);
      pauses.push(timer?.ms ?? 0);
      await clock.advance(timer?.ms ?? 0);
      expect(watches).toHaveLength(round + 1);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(new Set(reasons())).toEqual(new Set(['the watch ended']));
  });

  test('that lasted is begun again after the shortest pause', async () => {
    const { watch, outcome, clock } = followOnBench();
    void outcome();
    await watch().end();
    await clock.advance(1_000);
    await watch().end();
    await clock.advance(2_000);
    await clock.advance(4_001);
    await watch().end();
    expect(clock.timers[0]?.ms).toBe(1_000);
  });

  test('that fails is reported without its own text', async () => {
    const { watch, outcome, reasons } = followOnBench();
    void outcome();
    await watch().fail(Object.assign(new Error('GET http://key:s3cret@registry'), { code: 'ECONNREFUSED' }));
    expect(reasons()).toEqual(['the watch failed: ECONNREFUSED, connection refused']);
  });

  test('that throws at once is begun again too', async () => {
    let watched = 0;
    const { outcome, reasons, clock } = followOnBench({
      onWatch: () => {
        watched++;
        throw new TypeError('no');
      },
    });
    void outcome();
    await clock.advance(1_000);
    expect([watched, reasons()]).toEqual([2, ['the watch failed: TypeError', 'the watch failed: TypeError']]);
  });

  test('does not live in the context of the call that began it', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { outcome } = followOnBench({ onWatch: () => seen.push(storage.getStore()) });
    storage.run('a call', () => void outcome());
    await settlePromises();
    expect(seen).toEqual([undefined]);
  });
});

describe('stopping', () => {
  test('aborts the signal, lets go of a watch that hangs, and refuses whoever waits', async () => {
    const { watch, outcome, follow, clock, reasons, watches } = followOnBench();
    const call = outcome();
    await settlePromises();
    follow.stop();
    expect(await call).toBe('ERR_CLIENT_CLOSED');
    expect([watch().signal.aborted, watch().returned]).toEqual([true, 1]);
    await clock.advance(60_000);
    expect([reasons(), watches.length, clock.pending]).toEqual([[], 1, 0]);
  });

  test('during a pause leaves no timer', async () => {
    const { watch, outcome, follow, clock, watches } = followOnBench();
    void outcome();
    await watch().end();
    follow.stop();
    await settlePromises();
    expect([clock.pending, watches.length]).toEqual([0, 1]);
  });

  test('before any call means that no watch is begun', async () => {
    const { outcome, follow, watches } = followOnBench();
    follow.stop();
    expect(await outcome()).toBe('ERR_CLIENT_CLOSED');
    expect(watches).toEqual([]);
  });
});
