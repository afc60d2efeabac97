import type { ServiceClientOverrides } from '../../src/index.ts';
import type { ClientEventName } from '../../src/telemetry/client-events.ts';

/** Everything that happens in one run, as plain data: it can be kept in a file and made smaller. */
export interface Scenario {
  /** Of the draws made while it runs: latencies, jitter, ties. */
  readonly seed: number;
  readonly servers: number;
  readonly clients: readonly ClientPlan[];
  readonly faults: readonly Fault[];
  readonly calls: readonly CallPlan[];
  /** Our own event loop stands still. */
  readonly stalls: readonly { readonly at: number; readonly ms: number }[];
  /** From here on nothing is wrong, and only plain calls are made. */
  readonly calmAt: number;
  readonly endAt: number;
}

/** The options that are plain data. */
export type PlainOptions = Pick<
  ServiceClientOverrides,
  'timeout' | 'retry' | 'circuitBreaker' | 'bulkhead' | 'probe'
>;

export interface ClientPlan {
  readonly options: PlainOptions;
  readonly strategy: 'peak-ewma' | 'round-robin' | 'random' | 'least-request' | 'custom';
  readonly servers: readonly number[];
  /** Sets that a discovery tells of, one after the other; without any, the servers are fixed. */
  readonly members: readonly { readonly at: number; readonly servers: readonly number[] }[];
  readonly auth: boolean;
  readonly interceptor: 'none' | 'passes' | 'answers' | 'waits';
  readonly close?: { readonly at: number; readonly graceMs: number } | undefined;
}

export const FAULT_KINDS = [
  /** Refuses connections, and cuts those it has. */
  'crash',
  /** Crashes and comes back, over and over. */
  'flap',
  /** Connecting takes for ever. */
  'blackhole',
  /** Its name is not known. */
  'lost-name',
  /** Everything takes `size` times as long. */
  'slow',
  /** Answers `status`. */
  'errors',
  /** Answers 401. */
  'unauthorized',
  /** Cuts the connection before the head. */
  'reset',
  /** Cuts it in the middle of the body. */
  'partial',
  /** Says nothing, from the start or from the middle of the body on. */
  'stall',
  /** What comes is not HTTP. */
  'garbage',
  /** Closes idle connections without the client knowing yet. */
  'stale',
] as const;

export interface Fault {
  readonly at: number;
  readonly durationMs: number;
  readonly server: number;
  readonly kind: (typeof FAULT_KINDS)[number];
  /** Of the requests, those it meets. */
  readonly share: number;
  /** How many times slower; how many milliseconds between two flaps. */
  readonly size: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface CallPlan {
  readonly id: number;
  readonly at: number;
  readonly client: number;
  readonly via: 'call' | 'safe' | 'stream' | 'fetch' | 'probe';
  readonly method: string;
  /** Length of the answer. */
  readonly bytes: number;
  readonly body: 'none' | 'json' | 'source' | 'factory' | 'broken-source';
  readonly retry?: false | { readonly maxAttempts: number } | undefined;
  readonly timeout?: { readonly totalMs: number; readonly attemptMs: number } | undefined;
  readonly deadlineMs?: number | undefined;
  readonly idempotent?: boolean | undefined;
  readonly idempotencyKey?: boolean | undefined;
  readonly fallback?: boolean | undefined;
  readonly resume?: number | undefined;
  /** At an event of the call, or `time`: since it began. */
  readonly abort?: { readonly on: ClientEventName | 'time'; readonly afterMs: number } | undefined;
  /** How a streamed body is read: to the end, so far and no further, or with pauses. */
  readonly reader: { readonly leaveAfter?: number; readonly pauseMs?: number };
}
