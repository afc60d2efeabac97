import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import { isServiceClientError } from '../errors/is-service-client-error.ts';
import type { Issue } from '../errors/issue.ts';

/** A refusal that the incoming request brought upon itself, and what it is answered. */
export function requestFault(service: string, issue: Issue, gatewayStatus: 400 | 501): InvalidRequestError {
  return Object.assign(new InvalidRequestError({ service, issues: [issue] }), { gatewayStatus });
}

/** Puts a refused path, header or body on the account of the client, whose it was: 400 instead of 500. A fixed path is the developer's. */
export function blameClient(error: unknown, pathIsFixed: boolean): void {
  if (!isServiceClientError(error) || error.code !== 'ERR_INVALID_REQUEST') return;
  const clientsOwn = pathIsFixed ? /^(?:method|headers|body)\b/ : /^(?:method|path|headers|body)\b/;
  const fromClient = error.issues.every(({ path }) => clientsOwn.test(path));
  if (fromClient && error.attempts.length === 0) Object.assign(error, { gatewayStatus: 400 });
}
