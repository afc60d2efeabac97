import type { Clock, Timer } from '../time/clock.ts';
import type { TransportRequest } from './transport.ts';

/** An upstream that does not know the expectation says nothing: after this time it gets the body all the same. */
const WAIT_MS = 1000;

/** Whether a request asks before it sends its body. Only one that is streamed can be held back. */
export function expectsContinue({ headers, body }: TransportRequest): boolean {
  const { expect } = headers;
  return (
    (body.kind === 'one-shot' || body.kind === 'replayable') &&
    typeof expect === 'string' &&
    expect.toLowerCase() === '100-continue'
  );
}

/**
 * Holds a request's body back until the upstream asks for it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
 */
export class ContinueWait {
  readonly #onContinue: () => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, onContinue: () => void) {
    this.#onContinue = onContinue;
    this.#timer = clock.setTimeout(this.over, WAIT_MS);
  }

  /** The upstream asks for the body, or has had its time. */
  readonly over = (): void => {
    if (this.#timer === undefined) return;
    this.stop();
    this.#onContinue();
  };

  stop(): void {
    this.#timer?.clear();
    this.#timer = undefined;
  }
}
