import type { AttemptRecord } from '../../src/index.ts';
import type { CallPlan } from './scenario.ts';
import type { TestedClient } from './tested-client.ts';
import type { Answer } from './world/answer.ts';

/** A decision to send again, as it was announced. */
export interface AnnouncedRetry {
  readonly at: number;
  readonly attempt: number;
  readonly delayMs: number;
  readonly source: 'backoff' | 'retry-after' | 'immediate';
}

/** One attempt, from its events and from the wire. */
export interface SeenAttempt {
  readonly number: number;
  readonly endpoint: string;
  readonly startedAt: number;
  endedAt?: number;
  /** What it ended with, when its answer came whole. */
  status?: number | undefined;
  /** Requests of it that are on the wire: a body that is being read is. */
  onWire: number;
  reached: boolean;
  answer?: Answer;
  /** Its endpoint has been removed since: nobody counts it any more. */
  orphaned: boolean;
}

export type Outcome = 'success' | 'failure' | 'aborted';

/** All that is known about one call from outside: what was asked, what the events and the wire told, what came out. */
export class CallBooks {
  readonly plan: CallPlan;
  readonly client: TestedClient;
  readonly startedAt: number;
  /** Of the clock, when it is judged late. */
  readonly dueAt: number;
  readonly attempts: SeenAttempt[] = [];
  readonly retries: AnnouncedRetry[] = [];
  /** It was told that no further attempt follows. */
  refused = false;
  starts = 0;
  ends = 0;
  streamEnds = 0;
  endOutcome: Outcome | undefined;
  /** The caller gave it up, with this as the reason. */
  readonly reason: object;
  abortedAt: number | undefined;
  /** The promise has settled. */
  outcome: Outcome | undefined;
  error: unknown;
  log: readonly AttemptRecord[] | undefined;
  settledAt: number | undefined;
  /** A body was handed over and has not ended. */
  bodyOpen = false;
  bodyHandedOver = false;
  /** Refused for want of a slot. */
  overloaded = false;

  constructor(plan: CallPlan, client: TestedClient, startedAt: number) {
    this.plan = plan;
    this.client = client;
    this.startedAt = startedAt;
    this.reason = Object.assign(new Error('the caller gave up'), { call: plan.id });
    const { totalMs } = client.settingsOf(plan);
    // How long an upload takes is the caller's own affair.
    const total = this.uploads ? Number.POSITIVE_INFINITY : startedAt + totalMs;
    const deadline = plan.deadlineMs === undefined ? Number.POSITIVE_INFINITY : startedAt + plan.deadlineMs;
    this.dueAt = Math.max(startedAt, Math.min(total, plan.via === 'fetch' ? total : deadline));
  }

  get uploads(): boolean {
    const { body } = this.plan;
    return body === 'source' || body === 'factory' || body === 'broken-source';
  }

  /** The caller waits, or reads. */
  get open(): boolean {
    return this.outcome === undefined || this.bodyOpen;
  }

  get lastAttempt(): SeenAttempt | undefined {
    return this.attempts.at(-1);
  }

  get resumes(): boolean {
    return this.client.settingsOf(this.plan).maxResumes > 0;
  }
}
