import type { Endpoint } from '../endpoints/endpoint.ts';
import { errorCode } from '../errors/error-code.ts';
import { NetworkError } from '../errors/network-error.ts';
import { TimeoutError } from '../errors/timeout-error.ts';
import { cancellable } from '../time/cancellable.ts';
import type { Cancellation } from '../time/cancellation.ts';
import { ChildCancellation } from '../time/child-cancellation.ts';
import type { Clock } from '../time/clock.ts';
import { startLimit } from '../time/limit-timer.ts';
import type { ProbeOutcome } from './probe-state.ts';

/** Sends GET `path` to an endpoint, with the client's headers and auth. It is given up when `cancellation` says so. */
export type SendProbe = (
  endpoint: Endpoint,
  path: string,
  timeoutMs: number,
  cancellation: Cancellation,
) => Promise<{ readonly status: number }>;

export interface ProbeRequest {
  readonly service: string;
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly send: SendProbe;
  /** Nobody waits for it: it must not keep the process alive. */
  readonly background: boolean;
  /** Gives the probe up from outside. */
  readonly stopped: Cancellation;
}

/** The path is not there or takes no GET: that says nothing about the endpoint's health. */
const WRONG_PATH: ReadonlySet<number> = new Set([404, 405, 501]);

/** Whether a probe found that its path is wrong. */
export function isWrongPath({ record }: ProbeOutcome): boolean {
  return record.status !== undefined && WRONG_PATH.has(record.status);
}

/** Makes one probe, which ends after `timeoutMs` whatever `send` does. Rejects only when stopped. */
export async function probeEndpoint(request: ProbeRequest): Promise<ProbeOutcome> {
  const { service, endpoint, path, timeoutMs, clock, background, stopped } = request;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const cancellation = new ChildCancellation(stopped);
  const limit = startLimit(clock, timeoutMs, ownStall => {
    cancellation.cancel(
      new TimeoutError({ service, endpoint: endpoint.url, scope: 'attempt', timeoutMs, ownStall }),
    );
  });
  if (background) limit.unref?.();
  let ending: Ending;
  try {
    const sent = Promise.resolve(request.send(endpoint, path, timeoutMs, cancellation));
    ending = judgeStatus((await cancellable(sent, cancellation)).status, path);
  } catch (error) {
    ending = judgeError(error);
  } finally {
    limit.clear();
    cancellation.detach();
  }
  stopped.throwIfCancelled();
  const { result, status, error, code } = ending;
  const durationMs = clock.monotonic() - startedAt;
  const record = {
    at,
    ok: result === 'passed',
    durationMs,
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
  };
  return { record, result, code };
}

interface Ending {
  readonly result: ProbeOutcome['result'];
  readonly status?: number;
  readonly error?: string;
  readonly code?: string | undefined;
}

function judgeStatus(status: number, path: string): Ending {
  if (status >= 200 && status < 300) return { result: 'passed', status };
  if (!WRONG_PATH.has(status)) return { result: 'failed', status, error: `answered ${status}` };
  return { result: 'inconclusive', status, error: `answered ${status}: is ${path} the right probe path?` };
}

/** Only what the endpoint did counts; a text that is not ours is not repeated, since nobody knows what is in it. */
function judgeError(error: unknown): Ending {
  const code = errorCode(error);
  const text = code === undefined ? 'the probe could not be sent' : (error as Error).message;
  const itsFault =
    error instanceof NetworkError
      ? !error.staleConnection
      : error instanceof TimeoutError && !error.ownStall && !error.noSocket;
  return { result: itsFault ? 'failed' : 'inconclusive', error: text, code };
}
