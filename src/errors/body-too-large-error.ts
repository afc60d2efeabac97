import { nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';

export interface BodyTooLargeErrorInit {
  readonly service: string;
  readonly endpoint: string;
  readonly limitBytes: number;
}

/** Rejects a call whose response body, decoded, is larger than `limits.maxResponseBytes`. */
export class BodyTooLargeError extends ServiceClientError {
  readonly code = 'ERR_BODY_TOO_LARGE';
  readonly gatewayStatus = 502;
  declare readonly endpoint: string;
  /** The limit in decoded bytes. */
  readonly limitBytes: number;

  static {
    nameErrors(BodyTooLargeError.prototype, 'BodyTooLargeError');
  }

  constructor(init: BodyTooLargeErrorInit) {
    super(`body from ${init.endpoint} is larger than ${init.limitBytes} bytes`, init);
    this.limitBytes = init.limitBytes;
  }
}
