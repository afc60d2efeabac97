/**
 * The known option a mistyped one was probably meant to be: a near spelling at its own place, else the same or a
 * containing name there, else that name in another group (`maxAttempts` → `retry.maxAttempts`).
 */
export function suggestOption(
  name: string,
  place: string,
  known: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const here = known.get(place) ?? [];
  const near = nearest(name, here) ?? here.find(key => contains(key, name));
  if (near !== undefined) return near;
  for (const [group, keys] of known) {
    const same = keys.find(key => key.toLowerCase() === name.toLowerCase());
    if (same !== undefined && group !== place && !group.endsWith(']'))
      return group === '' ? same : `${group}.${same}`;
  }
  return undefined;
}

function nearest(name: string, keys: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const key of keys) {
    if (Math.abs(key.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), key.toLowerCase());
    if (distance < bestDistance) {
      best = key;
      bestDistance = distance;
    }
  }
  return best;
}

/** `url` for `baseUrl`, `breaker` for `circuitBreaker`, `timeoutMs` for `timeout`. */
function contains(key: string, name: string): boolean {
  const [a, b] = [key.toLowerCase(), name.toLowerCase()];
  return Math.min(a.length, b.length) >= 3 && (a.includes(b) || b.includes(a));
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
