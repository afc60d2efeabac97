import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';

/** The issues a refusal lists, one `path: message` each; empty when nothing is refused. */
export function issuesOf(attempt: () => unknown): string[] {
  try {
    attempt();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof InvalidRequestError) {
      return error.issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    }
    throw error;
  }
}

/** The error a refusal throws. */
export function refusalOf(attempt: () => unknown): Error {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was refused');
}
