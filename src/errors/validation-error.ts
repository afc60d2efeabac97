import { defineUnprinted, nameErrors } from './error-prototype.ts';
import { freezeIssues, type Issue } from './issue.ts';
import { ServiceClientError } from './service-client-error.ts';

export interface ValidationErrorInit {
  readonly service: string;
  readonly endpoint: string;
  readonly issues: readonly Issue[];
  readonly status: number;
}

/** Rejects a call whose response body does not match the call's schema. */
export class ValidationError extends ServiceClientError {
  readonly code = 'ERR_VALIDATION';
  readonly gatewayStatus = 502;
  declare readonly endpoint: string;
  /** The response's status. */
  readonly status: number;
  /** What does not match. Not printed: a schema's messages may quote the body, and so may paths into a record. */
  declare readonly issues: readonly Issue[];

  readonly #issues: readonly Issue[];

  static {
    nameErrors(ValidationError.prototype, 'ValidationError');
    defineUnprinted(ValidationError.prototype, {
      issues: error => (#issues in error ? error.#issues : undefined),
    });
  }

  constructor(init: ValidationErrorInit) {
    const count = `${init.issues.length} issue${init.issues.length === 1 ? '' : 's'}`;
    super(`body of ${init.status} from ${init.endpoint} does not match its schema, ${count}`, init);
    this.status = init.status;
    this.#issues = freezeIssues(init.issues);
  }
}
