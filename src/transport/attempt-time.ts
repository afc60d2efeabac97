import { TimeoutError } from '../errors/timeout-error.ts';
import type { Limit } from '../options/resolved-options.ts';
import type { Call } from '../pipeline/call.ts';
import type { AttemptTime } from '../pipeline/scopes.ts';
import type { Cancellation } from '../time/cancellation.ts';
import type { Timer } from '../time/clock.ts';
import { startLimit } from '../time/limit-timer.ts';

/** Runs an attempt's time from the moment it has a socket, and stands still while a streamed body is being sent. */
export class RunningAttemptTime implements AttemptTime {
  hadSocket = false;
  readonly #call: Call;
  readonly #endpoint: string;
  readonly #attemptMs: Limit;
  readonly #cancellation: Cancellation;
  #uploading = false;
  #stopped = false;
  #timer: Timer | undefined;

  constructor(call: Call, endpoint: string, cancellation: Cancellation) {
    this.#call = call;
    this.#endpoint = endpoint;
    this.#attemptMs = call.request.settings.timeout.attemptMs;
    this.#cancellation = cancellation;
  }

  onSocket(): void {
    if (this.hadSocket) return;
    this.hadSocket = true;
    if (!this.#uploading) this.#run();
  }

  onUploadStart(): void {
    if (this.#stopped) return;
    this.#uploading = true;
    this.#timer?.clear();
    this.#call.deadline.pauseTotal();
  }

  onUploadEnd(): void {
    if (this.#stopped || !this.#uploading) return;
    this.#uploading = false;
    this.#call.deadline.restartTotal();
    this.#run();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer?.clear();
    // The upload broke off with the attempt: what follows counts again.
    if (this.#uploading) this.#call.deadline.restartTotal();
  }

  #run(): void {
    const timeoutMs = this.#attemptMs;
    if (timeoutMs === false || this.#stopped) return;
    // The call's own time ends first, and is what is told then.
    if (timeoutMs >= this.#call.deadline.remainingMs) return;
    this.#timer = startLimit(this.#call.clock, timeoutMs, ownStall => {
      const { service } = this.#call;
      this.#cancellation.cancel(
        new TimeoutError({ service, endpoint: this.#endpoint, scope: 'attempt', timeoutMs, ownStall }),
      );
    });
  }
}
