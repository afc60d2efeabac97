import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import { isServiceClientError } from '../errors/is-service-client-error.ts';

/** An upgrade concerns one connection only: it ends here, and the client is told so. */
export function upgradeFault(service: string): InvalidRequestError {
  const issues = [{ path: 'headers.upgrade', message: 'upgrades are not passed on' }];
  return Object.assign(new InvalidRequestError({ service, issues }), { gatewayStatus: 501 });
}

/** Puts a refused path, header or body on the account of the client, whose it was: 400 instead of 500. A fixed path is the developer's. */
export function blameClient(error: unknown, pathIsFixed: boolean): void {
  if (!isServiceClientError(error) || error.code !== 'ERR_INVALID_REQUEST') return;
  const clientsOwn = pathIsFixed ? /^(?:method|headers|body)\b/ : /^(?:method|path|headers|body)\b/;
  const fromClient = error.issues.every(({ path }) => clientsOwn.test(path));
  if (fromClient && error.attempts.length === 0) Object.assign(error, { gatewayStatus: 400 });
}
