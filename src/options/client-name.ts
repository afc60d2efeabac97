const NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** What can label a client everywhere: in errors, logs, metrics and environment variables. */
export function isClientName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}
