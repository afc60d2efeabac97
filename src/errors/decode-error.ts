import { defineUnprinted, nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';

export interface DecodeErrorInit {
  readonly service: string;
  readonly endpoint: string;
  /** The response's content-type. */
  readonly contentType: string | undefined;
  readonly status: number;
  readonly cause?: unknown;
  /** What about the body is wrong, for the message. */
  readonly fault?: DecodeFault | undefined;
}

/** What about a body is wrong: not JSON by its content-type, not by its text, or its content coding is corrupt. */
export type DecodeFault = 'content-type' | 'syntax' | 'coding';

const FAULTS: Readonly<Record<DecodeFault, string>> = {
  'content-type': 'is not of the expected content-type',
  syntax: 'is not well-formed',
  coding: 'has a corrupt content coding',
};

/** Rejects a call whose response body cannot be decoded. */
export class DecodeError extends ServiceClientError {
  readonly code = 'ERR_DECODE';
  readonly gatewayStatus = 502;
  declare readonly endpoint: string;
  /** The response's status. */
  readonly status: number;
  /** The response's content-type. Not printed. */
  declare readonly contentType: string | undefined;

  readonly #contentType: string | undefined;

  static {
    nameErrors(DecodeError.prototype, 'DecodeError');
    defineUnprinted(DecodeError.prototype, {
      contentType: error => (#contentType in error ? error.#contentType : undefined),
    });
  }

  constructor(init: DecodeErrorInit) {
    const fault = init.fault === undefined ? 'cannot be decoded' : FAULTS[init.fault];
    super(`body of ${init.status} from ${init.endpoint} ${fault}`, init);
    this.status = init.status;
    this.#contentType = init.contentType;
  }
}
