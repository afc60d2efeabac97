import type { AttemptRecord, RetryRefusal } from '../retry/attempt-record.ts';

/** In every event. */
export interface BaseEvent {
  /** The client's `name`. */
  readonly service: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** In every event of a call. */
export interface CallEvent extends BaseEvent {
  readonly callId: string;
  readonly method: string;
  /** The `route` given, else the path template if `params` were given; never the raw path. */
  readonly route?: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CallEndEvent extends CallEvent {
  readonly outcome: 'success' | 'failure' | 'aborted';
  readonly attempts: readonly AttemptRecord[];
  readonly durationMs: number;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
}

export interface AttemptEvent extends CallEvent {
  /** 1 for the first. */
  readonly attempt: number;
  /** Origin plus base path. */
  readonly endpoint: string;
}

export interface AttemptEndEvent extends AttemptEvent {
  readonly durationMs: number;
  readonly outcome: 'response' | 'error' | 'aborted';
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  /** The failure in words, without anything secret. */
  readonly reason?: string | undefined;
}

export interface RetryScheduledEvent extends AttemptEvent {
  readonly delayMs: number;
  readonly source: 'backoff' | 'retry-after' | 'immediate';
  /** What failed, in words. */
  readonly reason: string;
}

export interface RetryRefusedEvent extends AttemptEvent {
  readonly refused: RetryRefusal;
  readonly reason: string;
}

export interface BulkheadEvent extends CallEvent {
  readonly inFlight: number;
  readonly queued: number;
}

/** The service says that what was called is on its way out. */
export interface CallDeprecatedEvent extends CallEvent {
  /** Origin plus base path. */
  readonly endpoint: string;
  /** Since when, or from when, it is deprecated (RFC 9745), in epoch milliseconds. */
  readonly deprecatedAt?: number | undefined;
  /** When it will stop working (RFC 8594), in epoch milliseconds. */
  readonly sunsetAt?: number | undefined;
  readonly reason: string;
}

/** How far a streamed body is. */
export interface StreamProgressEvent extends AttemptEvent {
  /** What has arrived of the body. */
  readonly bytes: number;
  /** From the call's start. */
  readonly durationMs: number;
  /** Since the response head. */
  readonly bytesPerSecond: number;
}

export interface StreamEndEvent extends AttemptEvent {
  /** Bytes handed to the reader. */
  readonly bytes: number;
  /** From the call's start. */
  readonly durationMs: number;
  /** Since the response head. */
  readonly bytesPerSecond: number;
  /** Times a broken body was taken up again. */
  readonly resumes: number;
  readonly outcome: 'success' | 'failure' | 'aborted';
  readonly code?: string | undefined;
}

/** A change of an endpoint, its circuit or its set. */
export interface EndpointEvent extends BaseEvent {
  readonly endpoint: string;
  readonly reason: string;
}

export interface CircuitOpenEvent extends EndpointEvent {
  /** Until the next trial, in milliseconds. */
  readonly retryAfterMs: number;
}

export interface ProbeEvent extends EndpointEvent {
  readonly durationMs: number;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
}

export interface DiscoveryFailureEvent extends BaseEvent {
  readonly reason: string;
}

/** Every event by name with its payload. */
export interface ClientEventMap {
  'call:start': CallEvent;
  'call:end': CallEndEvent;
  'call:deprecated': CallDeprecatedEvent;
  'attempt:start': AttemptEvent;
  'attempt:end': AttemptEndEvent;
  'retry:scheduled': RetryScheduledEvent;
  'retry:refused': RetryRefusedEvent;
  'hedge:launched': AttemptEvent;
  'bulkhead:queued': BulkheadEvent;
  'bulkhead:rejected': BulkheadEvent;
  /** While a streamed body arrives, every 100 ms at most. */
  'stream:progress': StreamProgressEvent;
  'stream:end': StreamEndEvent;
  'circuit:open': CircuitOpenEvent;
  'circuit:half-open': EndpointEvent;
  'circuit:close': EndpointEvent;
  'endpoint:added': EndpointEvent;
  'endpoint:removed': EndpointEvent;
  'endpoint:unavailable': EndpointEvent;
  'endpoint:available': EndpointEvent;
  'probe:success': ProbeEvent;
  'probe:failure': ProbeEvent;
  'discovery:failure': DiscoveryFailureEvent;
}

export type ClientEventName = keyof ClientEventMap;
