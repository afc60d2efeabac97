import type { Readable } from 'node:stream';
import type { Clock } from '../../src/time/clock.ts';
import type { CallPlan } from './scenario.ts';

/** What the reader of a body makes of it. */
export interface ReadingEnd {
  readonly whole: boolean;
  readonly error?: unknown;
}

export interface Reading {
  readonly plan: CallPlan['reader'];
  readonly clock: Clock;
  readonly onBytes: (bytes: Uint8Array) => void;
  readonly onEnd: (end: ReadingEnd) => void;
}

/** Reads a stream the way the plan says. */
export function readStream(body: Readable, { plan, clock, onBytes, onEnd }: Reading): void {
  const { leaveAfter = Number.POSITIVE_INFINITY, pauseMs } = plan;
  let read = 0;
  let whole = false;
  let failure: { readonly error: unknown } | undefined;
  body.on('error', error => {
    failure = { error };
  });
  body.on('close', () => onEnd({ whole, ...failure }));
  if (leaveAfter === 0) {
    body.destroy();
    return;
  }
  body.on('data', (chunk: Buffer) => {
    read += chunk.length;
    onBytes(chunk);
    if (read >= leaveAfter) body.destroy();
    else if (pauseMs !== undefined) {
      body.pause();
      clock.setTimeout(() => body.resume(), pauseMs);
    }
  });
  body.on('end', () => {
    whole = true;
  });
}

/** The same for a body of fetch. */
export async function readWebBody(body: ReadableStream<Uint8Array>, reading: Reading): Promise<void> {
  const { plan, clock, onBytes, onEnd } = reading;
  const { leaveAfter = Number.POSITIVE_INFINITY, pauseMs } = plan;
  const reader = body.getReader();
  let read = 0;
  try {
    while (read < leaveAfter) {
      const { done, value } = await reader.read();
      if (done) return onEnd({ whole: true });
      read += value.length;
      onBytes(value);
      if (pauseMs !== undefined)
        await new Promise<void>(resolve => clock.setTimeout(() => resolve(), pauseMs));
    }
    await reader.cancel();
    onEnd({ whole: false });
  } catch (error) {
    onEnd({ whole: false, error });
  }
}
