/** Makes an error without capturing a stack, which costs more than all the rest of it. Its `stack` is then its name and message. */
export function stackless<T>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  setStackTraceLimit(0);
  try {
    return make();
  } finally {
    setStackTraceLimit(limit);
  }
}

/** Where intrinsics are frozen the limit cannot be written: then there is a stack, and an error costs more. */
export function setStackTraceLimit(limit: number): void {
  try {
    Error.stackTraceLimit = limit;
  } catch {}
}
