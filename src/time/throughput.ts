/** Whole bytes per second; what took less than a millisecond counts as one. */
export function bytesPerSecond(bytes: number, durationMs: number): number {
  return Math.round((bytes * 1000) / Math.max(1, durationMs));
}
