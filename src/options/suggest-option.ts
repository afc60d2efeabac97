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

/** Levenshtein's distance, with two letters the wrong way round as one mistake: `nmae` is one away from `name`. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(substitute, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
