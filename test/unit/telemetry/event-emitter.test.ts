import diagnosticsChannel from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import type { ClientEventName, EndpointEvent } from '../../../src/telemetry/client-events.ts';
import { ClientEvents } from '../../../src/telemetry/event-emitter.ts';
import { EVENT_NAMES } from '../../../src/telemetry/event-names.ts';
import { eventNames } from '../../support/event-recorder.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const fields = { endpoint: 'http://localhost:3001', reason: 'half of the attempts failed' };
const event = { service: 'users', at: 5000, ...fields };

function makeEvents(): ClientEvents {
  return new ClientEvents('users', new ManualClock({ now: 5000 }));
}

describe('ClientEvents', () => {
  test('tells a listener with service and time', () => {
    const events = makeEvents();
    const seen: EndpointEvent[] = [];
    events.on('circuit:close', told => seen.push(told));
    events.emit('circuit:close', fields);
    expect(seen).toEqual([event]);
  });

  test('tells every listener, in the order they came, with one object', () => {
    const events = makeEvents();
    const seen: [string, EndpointEvent][] = [];
    events.on('circuit:close', told => seen.push(['first', told]));
    events.on('circuit:close', told => seen.push(['second', told]));
    events.emit('circuit:close', fields);
    expect(seen.map(([who]) => who)).toEqual(['first', 'second']);
    expect(seen[0]?.[1]).toBe(seen[1]?.[1]);
  });

  test('tells nobody of another event', () => {
    const events = makeEvents();
    const listener = vi.fn();
    events.on('circuit:half-open', listener);
    events.emit('circuit:close', fields);
    expect(listener).not.toHaveBeenCalled();
  });

  test('stops telling a listener that has unsubscribed', () => {
    const events = makeEvents();
    const listener = vi.fn();
    const stop = events.on('circuit:close', listener);
    stop();
    events.emit('circuit:close', fields);
    expect(listener).not.toHaveBeenCalled();
  });

  test('unsubscribes a listener as often as it was added, however often each is called', () => {
    const events = makeEvents();
    const listener = vi.fn();
    const stop = events.on('circuit:close', listener);
    events.on('circuit:close', listener);
    stop();
    stop();
    events.emit('circuit:close', fields);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('may be subscribed to and unsubscribed from while it tells', () => {
    const events = makeEvents();
    const seen: string[] = [];
    const stop = events.on('circuit:close', () => {
      seen.push('once');
      stop();
      events.on('circuit:close', () => seen.push('late'));
    });
    events.on('circuit:close', () => seen.push('always'));
    events.emit('circuit:close', fields);
    expect(seen).toEqual(['once', 'always']);
    events.emit('circuit:close', fields);
    expect(seen).toEqual(['once', 'always', 'always', 'late']);
  });

  test('costs nothing when nobody listens: not even the time is read', () => {
    const clock = new ManualClock();
    const now = vi.spyOn(clock, 'now');
    new ClientEvents('users', clock).emit('circuit:close', fields);
    expect(now).not.toHaveBeenCalled();
  });

  test('wants an event while somebody listens to it', () => {
    const events = makeEvents();
    expect(events.wants('circuit:close')).toBe(false);
    const stop = events.on('circuit:close', () => {});
    expect(events.wants('circuit:close')).toBe(true);
    expect(events.wants('circuit:open')).toBe(false);
    stop();
    expect(events.wants('circuit:close')).toBe(false);
  });

  test.each(['call:strat', '', 'constructor', '__proto__', Symbol('call:end')])(
    'refuses %s as a name',
    name => {
      const subscribe = () => makeEvents().on(name as ClientEventName, () => {});
      expect(subscribe).toThrow(ConfigurationError);
      expect(subscribe).toThrow(/unknown event, expected one of call:start, call:end/);
    },
  );

  test('names the event that is refused as the path of the issue', () => {
    const subscribe = () => makeEvents().on('call:strat' as ClientEventName, () => {});
    expect(subscribe).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path: 'call:strat' })] }),
    );
  });

  test('refuses a listener that is no function', () => {
    const subscribe = () => makeEvents().on('call:end', undefined as unknown as () => void);
    expect(subscribe).toThrow(/call:end: expected a function/);
  });

  test('knows every event there is', () => {
    expect([...EVENT_NAMES].sort()).toEqual([...eventNames].sort());
  });
});

describe('a listener that fails', () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const unhandled = vi.fn();

  beforeEach(() => {
    emitWarning.mockClear();
    unhandled.mockReset();
    process.on('unhandledRejection', unhandled);
  });
  afterEach(() => {
    process.off('unhandledRejection', unhandled);
  });

  const throwing = () => {
    throw new Error('listener broken');
  };

  test('keeps nobody else from being told', () => {
    const events = makeEvents();
    const other = vi.fn();
    events.on('circuit:close', throwing);
    events.on('circuit:close', other);
    events.emit('circuit:close', fields);
    expect(other).toHaveBeenCalledTimes(1);
  });

  test('is reported once per client', () => {
    const events = makeEvents();
    events.on('circuit:close', throwing);
    events.on('circuit:half-open', throwing);
    events.emit('circuit:close', fields);
    events.emit('circuit:close', fields);
    events.emit('circuit:half-open', fields);
    expect(emitWarning).toHaveBeenCalledTimes(1);
    expect(emitWarning).toHaveBeenCalledWith(
      'users: a listener or logger of "circuit:close" failed; the call goes on',
      { code: 'HOLDFAST_LISTENER', detail: expect.stringContaining('listener broken') },
    );
    const another = makeEvents();
    another.on('circuit:close', throwing);
    another.emit('circuit:close', fields);
    expect(emitWarning).toHaveBeenCalledTimes(2);
  });

  test('is reported likewise when it is async and rejects, which goes nowhere else', async () => {
    const events = makeEvents();
    const rejecting: () => unknown = async () => throwing();
    events.on('circuit:close', rejecting);
    events.emit('circuit:close', fields);
    events.emit('circuit:close', fields);
    await new Promise(resolve => setImmediate(resolve));
    expect(emitWarning).toHaveBeenCalledTimes(1);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test.each([undefined, null, 'text', Object.create(null)])('may throw anything: %j', thrown => {
    const events = makeEvents();
    events.on('circuit:close', () => {
      throw thrown;
    });
    events.emit('circuit:close', fields);
    expect(emitWarning).toHaveBeenCalledTimes(1);
  });
});

describe('the diagnostics channel of an event', () => {
  test('is told what the listeners are told, of every client', () => {
    const seen: unknown[] = [];
    const subscriber = (message: unknown, name: unknown) => seen.push([name, message]);
    diagnosticsChannel.subscribe('holdfast:circuit:close', subscriber);
    makeEvents().emit('circuit:close', fields);
    makeEvents().emit('circuit:close', fields);
    diagnosticsChannel.unsubscribe('holdfast:circuit:close', subscriber);
    makeEvents().emit('circuit:close', fields);
    const told = ['holdfast:circuit:close', event];
    expect(seen).toEqual([told, told]);
  });

  test('makes the event wanted while it has subscribers', () => {
    const events = makeEvents();
    const subscriber = () => {};
    diagnosticsChannel.subscribe('holdfast:call:end', subscriber);
    expect(events.wants('call:end')).toBe(true);
    diagnosticsChannel.unsubscribe('holdfast:call:end', subscriber);
    expect(events.wants('call:end')).toBe(false);
  });
});
