import { nameErrors } from './error-prototype.ts';
import { ServiceClientError, type ServiceClientErrorInit } from './service-client-error.ts';

export type NoEndpointErrorInit = Pick<ServiceClientErrorInit, 'service' | 'cause' | 'callerCause'>;

/** Rejects a call that has nowhere to go: discovery knows no endpoint, or the picker refused them all. */
export class NoEndpointError extends ServiceClientError {
  readonly code = 'ERR_NO_ENDPOINT';
  readonly gatewayStatus = 503;

  static {
    nameErrors(NoEndpointError.prototype, 'NoEndpointError');
  }

  constructor(init: NoEndpointErrorInit) {
    super('no endpoint to send to', init);
  }
}
