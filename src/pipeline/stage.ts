/** The rest of the line, seen from one of its stages. */
export type Next<Scope, Reply> = (scope: Scope) => Promise<Reply>;

/**
 * One step of a call. A stage whose `Inner` differs from its `Scope` is a bridge: it opens the next scope.
 * Putting a stage where its scope is not open yet does not compile.
 */
export type Stage<Scope, Reply, Inner = Scope> = (scope: Scope, next: Next<Inner, Reply>) => Promise<Reply>;

/** Wraps `inner` in `stages`, the first outermost. A stage that is `undefined` is switched off and costs nothing. */
export function compose<Scope, Reply>(
  stages: readonly (Stage<Scope, Reply> | undefined)[],
  inner: Next<Scope, Reply>,
): Next<Scope, Reply> {
  return stages.reduceRight<Next<Scope, Reply>>(
    (next, stage) => (stage === undefined ? next : scope => stage(scope, next)),
    inner,
  );
}

/** Puts a bridge on top of the scope that it opens. */
export function bridge<Scope, Reply, Inner>(
  stage: Stage<Scope, Reply, Inner>,
  inner: Next<Inner, Reply>,
): Next<Scope, Reply> {
  return scope => stage(scope, inner);
}
