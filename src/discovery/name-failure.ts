import { cleanCause } from '../errors/clean-cause.ts';

/** A failure of code that is not ours, in words that are: its own text may hold a credential or what a server sent. */
export function nameFailure(error: unknown): string {
  const { name, message, code } = cleanCause(error) as Error & { code?: string };
  return code === undefined ? name : `${code}, ${message}`;
}
