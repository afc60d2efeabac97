/**
 * Makes an error without capturing a stack, which costs more than all the rest of it. Its `stack` is then its name and message.
 * `Reflect.set`, since the limit cannot be written under frozen intrinsics and that must not throw.
 */
export function stackless<T>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
