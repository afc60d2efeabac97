/** The rest of the line, seen from one of its stages. May throw at once as well as reject. */
export type Next<Scope, Reply> = (scope: Scope) => Promise<Reply>;

/**
 * One step of a call that decides about the rest of the line: sends it down, later, again, or not at all. A stage whose `Inner`
 * differs from its `Scope` is a bridge: it opens the next scope. Putting a stage where its scope is not open yet does not compile.
 */
export type Stage<Scope, Reply, Inner = Scope> = (scope: Scope, next: Next<Inner, Reply>) => Promise<Reply>;

/**
 * One step of a call that only looks at what passes. Steps that stand side by side share one promise: an `await` each would
 * cost more than all they do.
 */
export interface Step<Scope, Reply> {
  /** On the way in. Once it has returned, or its promise has resolved, exactly one of the other two is called. */
  enter?(scope: Scope): Promise<void> | undefined | void;
  /** On the way back with a reply. What it throws goes on outwards as the failure. */
  replied?(reply: Reply, scope: Scope): void;
  /** On the way back with a failure, which goes on outwards as it is. */
  failed?(error: unknown, scope: Scope): void;
}

/** Wraps `inner` in `parts`, the first outermost. One that is `undefined` is switched off and costs nothing. */
export function compose<Scope, Reply>(
  parts: readonly (Stage<Scope, Reply> | Step<Scope, Reply> | undefined)[],
  inner: Next<Scope, Reply>,
): Next<Scope, Reply> {
  let next = inner;
  let steps: Step<Scope, Reply>[] = [];
  for (const part of parts.toReversed()) {
    if (part === undefined) continue;
    if (typeof part !== 'function') {
      steps.unshift(part);
      continue;
    }
    const rest = surround(steps, next);
    steps = [];
    next = scope => part(scope, rest);
  }
  return surround(steps, next);
}

/** Puts a bridge on top of the scope that it opens. */
export function bridge<Scope, Reply, Inner>(
  stage: Stage<Scope, Reply, Inner>,
  inner: Next<Inner, Reply>,
): Next<Scope, Reply> {
  return scope => stage(scope, inner);
}

function surround<Scope, Reply>(
  steps: readonly Step<Scope, Reply>[],
  next: Next<Scope, Reply>,
): Next<Scope, Reply> {
  if (steps.length === 0) return next;

  const enter = (scope: Scope, from: number): Promise<Reply> => {
    let entered = from;
    try {
      for (; entered < steps.length; entered++) {
        const turn = steps[entered]?.enter?.(scope);
        if (turn === undefined) continue;
        const at = entered;
        return turn.then(
          () => enter(scope, at + 1),
          error => fail(error, scope, at),
        );
      }
      return next(scope).then(
        reply => leave(reply, scope),
        error => fail(error, scope, steps.length),
      );
    } catch (error) {
      return fail(error, scope, entered);
    }
  };

  const leave = (reply: Reply, scope: Scope): Reply | Promise<never> => {
    for (let index = steps.length - 1; index >= 0; index--) {
      try {
        steps[index]?.replied?.(reply, scope);
      } catch (error) {
        return fail(error, scope, index);
      }
    }
    return reply;
  };

  /** Tells the steps outside `before`, the innermost first. */
  const fail = (error: unknown, scope: Scope, before: number): Promise<never> => {
    for (let index = before - 1; index >= 0; index--) steps[index]?.failed?.(error, scope);
    return Promise.reject(error);
  };

  return scope => enter(scope, 0);
}
