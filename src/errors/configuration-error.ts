import { nameErrors } from './error-prototype.ts';
import { freezeIssues, type Issue, listIssues } from './issue.ts';
import { ServiceClientError } from './service-client-error.ts';

export interface ConfigurationErrorInit {
  /** Left out where no name is known yet. */
  readonly service?: string | undefined;
  readonly issues: readonly Issue[];
}

/** Thrown when options are refused; lists everything that is wrong with them at once. */
export class ConfigurationError extends ServiceClientError {
  readonly code = 'ERR_CONFIGURATION';
  readonly gatewayStatus = 500;
  /** Everything that is wrong, in the order of the options. */
  readonly issues: readonly Issue[];

  static {
    nameErrors(ConfigurationError.prototype, 'ConfigurationError');
  }

  constructor({ service = '', issues }: ConfigurationErrorInit) {
    super(`invalid configuration\n${listIssues(issues)}`, { service });
    this.issues = freezeIssues(issues);
  }
}
