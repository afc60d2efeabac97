import { Deadline } from '../deadline/deadline.ts';
import { isServiceClientError } from '../errors/is-service-client-error.ts';
import { ServiceClientError } from '../errors/service-client-error.ts';
import type { ServiceRequest } from '../request/service-request.ts';
import type { AttemptRecord } from '../retry/attempt-record.ts';
import type { CallEvent } from '../telemetry/client-events.ts';
import { Cancellation } from '../time/cancellation.ts';
import type { Clock } from '../time/clock.ts';

/** A decision log line while its attempt can still get its decision. */
export type OpenAttemptRecord = { -readonly [Key in keyof AttemptRecord]: AttemptRecord[Key] };

type CallLabels = Omit<CallEvent, 'service' | 'at'>;

/** The books of one call: who it is, how long it may take, what ends it, and what was tried. */
export class Call {
  readonly id: string;
  readonly service: string;
  readonly clock: Clock;
  readonly request: ServiceRequest;
  readonly cancellation: Cancellation;
  readonly deadline: Deadline;
  readonly log: OpenAttemptRecord[] = [];
  /** Among the live calls. */
  place = 0;
  /** On the monotonic clock. */
  readonly startedAt: number;
  /** A streamed body is being read: the call goes on until its end. */
  #bodyOpen = false;
  #labels: CallLabels | undefined;
  #closedWith: ServiceClientError | undefined;
  #onOver: ((call: Call) => void)[] | undefined;

  constructor(
    id: string,
    service: string,
    clock: Clock,
    request: ServiceRequest,
    cancellation = new Cancellation(),
  ) {
    this.id = id;
    this.service = service;
    this.clock = clock;
    this.request = request;
    this.cancellation = cancellation;
    this.startedAt = clock.monotonic();
    this.deadline = new Deadline(
      service,
      clock,
      cancellation,
      this.startedAt,
      request.settings.timeout.totalMs,
      request.deadline,
    );
  }

  /** Calls `listener` once when the answer has been given and its body, if streamed, has ended. */
  whenOver(listener: (call: Call) => void): void {
    if (this.#onOver === undefined) this.#onOver = [listener];
    else this.#onOver.push(listener);
  }

  bodyOpened(): void {
    this.#bodyOpen = true;
  }

  bodyEnded(): void {
    this.#bodyOpen = false;
    this.answered();
  }

  answered(): void {
    const listeners = this.#onOver;
    if (this.#bodyOpen || listeners === undefined) return;
    this.#onOver = undefined;
    for (const listener of listeners) listener(this);
  }

  get durationMs(): number {
    return this.clock.monotonic() - this.startedAt;
  }

  /** What every event of this call carries; made when the first of them is wanted. */
  get labels(): CallLabels {
    if (this.#labels === undefined) {
      const { method, route, context, tags } = this.request;
      this.#labels = { callId: this.id, method, context, ...(route && { route }), ...(tags && { tags }) };
    }
    return this.#labels;
  }

  /** Whether somebody ended the call from outside, and not its own deadline. */
  get aborted(): boolean {
    const { cancellation, deadline } = this;
    return cancellation.cancelled && (deadline.error === undefined || deadline.error !== cancellation.reason);
  }

  /** Whether `error` says that somebody ended the call from outside, and not its own deadline. */
  wasAborted(error: unknown): boolean {
    return this.aborted && this.cancellation.reason === error;
  }

  /** Ends the call since its client is being closed. */
  close(error: ServiceClientError): void {
    this.#closedWith = error;
    this.cancellation.cancel(error);
  }

  /**
   * Whether `error` was made for this call. The reason of an abort was not, nor what a hook threw, were it the error of a
   * call to another service: such an error is handed on as it is and says nothing about this service.
   */
  owns(error: unknown): error is ServiceClientError {
    if (!(error instanceof ServiceClientError) || error.service !== this.service) return false;
    return error === this.#closedWith || !this.wasAborted(error);
  }

  /** A failure in words, for events and logs. A hook's own error is not repeated: nobody knows what is in it. */
  reasonOf(error: unknown): string {
    return isServiceClientError(error) ? error.message : 'an interceptor or auth function failed';
  }
}
