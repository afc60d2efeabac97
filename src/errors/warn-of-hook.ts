const reported = new WeakSet<WeakKey>();

/** Tells the process of a failing hook, once for each: one that always throws must not flood it with warnings. */
export function warnOfHook(hook: WeakKey, code: string, message: string, error: unknown): void {
  if (reported.has(hook)) return;
  reported.add(hook);
  process.emitWarning(message, { code, detail: error instanceof Error ? error.stack : undefined });
}
