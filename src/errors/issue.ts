/** One thing that is wrong with an input. */
export interface Issue {
  /** Where: `timeout.attemptMs`, `endpoints[1].url`. */
  readonly path: string;
  /** What is wrong with it. */
  readonly message: string;
}

/** A copy that nobody can change. */
export function freezeIssues(issues: readonly Issue[]): readonly Issue[] {
  return Object.freeze(issues.map(({ path, message }) => Object.freeze({ path, message })));
}

/** One issue per line, `path: message`. */
export function listIssues(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('\n');
}
