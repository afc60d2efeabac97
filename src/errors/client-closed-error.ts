import { nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';

export interface ClientClosedErrorInit {
  readonly service: string;
}

/** Rejects calls made after `close()`, and those still in flight when its grace is over. */
export class ClientClosedError extends ServiceClientError {
  readonly code = 'ERR_CLIENT_CLOSED';
  readonly gatewayStatus = 503;

  static {
    nameErrors(ClientClosedError.prototype, 'ClientClosedError');
  }

  constructor(init: ClientClosedErrorInit) {
    super('client is closed', init);
  }
}
