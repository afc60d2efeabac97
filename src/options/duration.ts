const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m)?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** Milliseconds of `1500ms`, `30s`, `2m` or a bare number of seconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit = 's'] = DURATION.exec(text) ?? [];
  if (amount === undefined) return undefined;
  // 1.005 s is 1005 ms, not 1004.9999999999999.
  return Math.round(Number(amount) * (UNIT_MS[unit] ?? 1) * 1_000) / 1_000;
}
