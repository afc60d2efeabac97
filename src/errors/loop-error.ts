import { nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';

export interface LoopErrorInit {
  readonly service: string;
}

/** Rejects a request that came back to the client that had sent it, as its `Via` says. */
export class LoopError extends ServiceClientError {
  readonly code = 'ERR_LOOP';
  readonly gatewayStatus = 508;

  static {
    nameErrors(LoopError.prototype, 'LoopError');
  }

  constructor(init: LoopErrorInit) {
    super('request came back to this client, not sent again', init);
  }
}
