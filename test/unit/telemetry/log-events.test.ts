import { describe, expect, test, vi } from 'vitest';
import type { ClientEventMap, ClientEventName } from '../../../src/telemetry/client-events.ts';
import { ClientEvents } from '../../../src/telemetry/event-emitter.ts';
import type { EventFields } from '../../../src/telemetry/event-sink.ts';
import { logEvents } from '../../../src/telemetry/log-events.ts';
import type { Logger } from '../../../src/telemetry/logger.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const endpoint = 'http://localhost:3001';
const context = { requestId: 'r1', jobId: 'j1', traceparent: '00-ab-cd-01' };
const call = { callId: 'c1', method: 'POST', route: '/info', context };
const attempt = { ...call, attempt: 2, endpoint };
const failed = {
  ...attempt,
  durationMs: 12.4,
  outcome: 'response',
  status: 503,
  code: 'ERR_STATUS',
} as const;
const reason = 'youtube: 503 from http://localhost:3001';

interface Line {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

function logOf<Name extends ClientEventName>(name: Name, fields: EventFields<Name>): Line[] {
  const lines: Line[] = [];
  const events = new ClientEvents('youtube', new ManualClock({ now: 5000 }));
  logEvents(events, recordingLogger(lines));
  events.emit(name, fields);
  return lines;
}

function recordingLogger(lines: Line[]): Logger {
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

describe('logEvents', () => {
  test('logs with the fields of the event, context ids included, and its name', () => {
    const [line] = logOf('attempt:end', { ...failed, reason });
    expect(line?.fields).toEqual({ event: 'attempt:end', service: 'youtube', at: 5000, ...failed, reason });
  });

  const levels: { [Name in ClientEventName]?: [EventFields<Name>, string, string][] } = {
    'attempt:end': [
      [
        { ...failed, reason },
        'warn',
        'youtube: attempt 2 of POST /info failed at http://localhost:3001 after 12 ms: 503 from http://localhost:3001',
      ],
      [
        { ...failed },
        'warn',
        'youtube: attempt 2 of POST /info failed at http://localhost:3001 after 12 ms: 503',
      ],
      [
        { ...attempt, durationMs: 3, outcome: 'error', code: 'ERR_NETWORK' },
        'warn',
        'youtube: attempt 2 of POST /info failed at http://localhost:3001 after 3 ms: ERR_NETWORK',
      ],
      [
        { ...attempt, durationMs: 3, outcome: 'response', status: 302 },
        'debug',
        'youtube: attempt 2 of POST /info answered 302 at http://localhost:3001 after 3 ms',
      ],
      [
        { ...attempt, route: undefined, durationMs: 3, outcome: 'aborted' },
        'debug',
        'youtube: attempt 2 of POST aborted at http://localhost:3001 after 3 ms',
      ],
    ],
    'retry:scheduled': [
      [
        { ...attempt, delayMs: 149.6, source: 'backoff', reason },
        'info',
        'youtube: retrying POST /info in 150 ms (backoff): 503 from http://localhost:3001',
      ],
    ],
    'retry:refused': [
      [
        { ...attempt, refused: 'attempts-spent', reason },
        'info',
        'youtube: not retrying POST /info (attempts-spent): 503 from http://localhost:3001',
      ],
      [
        { ...attempt, refused: 'budget-spent', reason },
        'warn',
        'youtube: not retrying POST /info (budget-spent): 503 from http://localhost:3001',
      ],
      [
        { ...attempt, refused: 'not-retryable', reason },
        'debug',
        'youtube: not retrying POST /info (not-retryable): 503 from http://localhost:3001',
      ],
    ],
    'hedge:launched': [
      [attempt, 'debug', 'youtube: hedging POST /info with attempt 2 at http://localhost:3001'],
    ],
    'call:end': [
      [
        { ...call, outcome: 'failure', attempts: [], durationMs: 80 },
        'debug',
        'youtube: POST /info ended in failure after 0 attempts, 80 ms',
      ],
    ],
    'stream:end': [
      [
        { ...attempt, outcome: 'success', bytes: 2000, durationMs: 500, bytesPerSecond: 4000.4, resumes: 0 },
        'debug',
        'youtube: stream of POST /info ended in success: 2000 bytes in 500 ms, 4000 bytes/s',
      ],
      [
        { ...attempt, outcome: 'failure', bytes: 0, durationMs: 500, bytesPerSecond: 0, resumes: 1 },
        'warn',
        'youtube: stream of POST /info ended in failure: 0 bytes in 500 ms, 0 bytes/s, resumed once',
      ],
      [
        { ...attempt, outcome: 'success', bytes: 10, durationMs: 1000, bytesPerSecond: 10, resumes: 2 },
        'debug',
        'youtube: stream of POST /info ended in success: 10 bytes in 1000 ms, 10 bytes/s, resumed 2 times',
      ],
    ],
    'bulkhead:queued': [
      [{ ...call, inFlight: 5, queued: 1 }, 'debug', 'youtube: POST /info waits for a slot'],
    ],
    'bulkhead:rejected': [
      [
        { ...call, inFlight: 5, queued: 2 },
        'warn',
        'youtube: POST /info rejected, 5 calls in flight and 2 waiting already',
      ],
    ],
    'circuit:open': [
      [
        { endpoint, reason: '10 of 20 failed', retryAfterMs: 5000 },
        'warn',
        'youtube: circuit of http://localhost:3001 opened for 5000 ms: 10 of 20 failed',
      ],
    ],
    'circuit:half-open': [
      [
        { endpoint, reason: 'time is up' },
        'info',
        'youtube: circuit of http://localhost:3001 is half-open: time is up',
      ],
    ],
    'circuit:close': [
      [
        { endpoint, reason: 'trial passed' },
        'info',
        'youtube: circuit of http://localhost:3001 closed: trial passed',
      ],
    ],
    'endpoint:added': [
      [{ endpoint, reason: 'dns' }, 'info', 'youtube: endpoint http://localhost:3001 added: dns'],
    ],
    'endpoint:removed': [
      [{ endpoint, reason: 'dns' }, 'info', 'youtube: endpoint http://localhost:3001 removed: dns'],
    ],
    'endpoint:unavailable': [
      [
        { endpoint, reason: '3 probes failed' },
        'warn',
        'youtube: endpoint http://localhost:3001 is unavailable: 3 probes failed',
      ],
    ],
    'endpoint:available': [
      [
        { endpoint, reason: '2 probes passed' },
        'info',
        'youtube: endpoint http://localhost:3001 is available: 2 probes passed',
      ],
    ],
    'probe:success': [
      [
        { endpoint, reason: '200', durationMs: 3 },
        'debug',
        'youtube: probe of http://localhost:3001 passed in 3 ms',
      ],
    ],
    'probe:failure': [
      [
        { endpoint, reason: 'refused', durationMs: 3 },
        'warn',
        'youtube: probe of http://localhost:3001 failed after 3 ms: refused',
      ],
    ],
    'discovery:failure': [[{ reason: 'no answer' }, 'warn', 'youtube: discovery failed: no answer']],
  };

  const cases = Object.entries(levels).flatMap(([name, lines]) =>
    lines.map(([fields, level, message]) => ({ name: name as ClientEventName, fields, level, message })),
  );

  test.each(cases)('logs $name as $level: $message', ({ name, fields, level, message }) => {
    expect(logOf(name, fields as EventFields<ClientEventName>)).toMatchObject([{ level, message }]);
  });

  test('does not log the starts', () => {
    expect(logOf('call:start', call)).toEqual([]);
    expect(logOf('attempt:start', attempt)).toEqual([]);
  });

  test('calls the methods on the logger itself', () => {
    class Counting {
      lines = 0;
      info() {
        this.lines++;
      }
    }
    const logger = new Counting();
    const events = new ClientEvents('youtube', new ManualClock());
    logEvents(events, logger as unknown as Logger);
    events.emit('circuit:close', { endpoint, reason: 'trial passed' });
    expect(logger.lines).toBe(1);
  });

  test('stops when told to', () => {
    const lines: Line[] = [];
    const events = new ClientEvents('youtube', new ManualClock());
    const stop = logEvents(events, recordingLogger(lines));
    expect(events.wants('circuit:close')).toBe(true);
    stop();
    events.emit('circuit:close', { endpoint, reason: 'trial passed' });
    expect(lines).toEqual([]);
    expect(events.wants('circuit:close')).toBe(false);
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('a logger that %s breaks nothing and is reported once', async (_, info) => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const events = new ClientEvents('youtube', new ManualClock());
    logEvents(events, { info } as unknown as Logger);
    const seen: ClientEventMap['circuit:close'][] = [];
    events.on('circuit:close', event => seen.push(event));
    events.emit('circuit:close', { endpoint, reason: 'trial passed' });
    events.emit('circuit:close', { endpoint, reason: 'trial passed' });
    await new Promise(resolve => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(seen).toHaveLength(2);
    expect(emitWarning).toHaveBeenCalledTimes(1);
    expect(unhandled).not.toHaveBeenCalled();
    emitWarning.mockRestore();
  });
});
