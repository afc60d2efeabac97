import { nameErrors } from './error-prototype.ts';
import { freezeIssues, type Issue, listIssues } from './issue.ts';
import { ServiceClientError, type ServiceClientErrorInit } from './service-client-error.ts';

export interface InvalidRequestErrorInit
  extends Pick<ServiceClientErrorInit, 'service' | 'cause' | 'callerCause'> {
  readonly issues: readonly Issue[];
}

/** Rejects a call whose input is refused before anything is sent: path, headers, body or options. */
export class InvalidRequestError extends ServiceClientError {
  readonly code = 'ERR_INVALID_REQUEST';
  readonly gatewayStatus = 500;
  /** Everything that is wrong with the call. */
  readonly issues: readonly Issue[];

  static {
    nameErrors(InvalidRequestError.prototype, 'InvalidRequestError');
  }

  constructor(init: InvalidRequestErrorInit) {
    super(`invalid request\n${listIssues(init.issues)}`, init);
    this.issues = freezeIssues(init.issues);
  }
}
