export type PlainObject = Record<string, unknown>;

/** An object literal, from any realm; not an array, a class instance or a function. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Sets an own property whatever its name: a plain assignment to `__proto__` would change the prototype instead. */
export function setOwn(target: PlainObject, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** The value at a path such as `retry.backoff.baseDelayMs`; `undefined` where the way to it ends early. */
export function valueAt(source: unknown, path: string): unknown {
  return valueUnder(source, path.split('.'));
}

/** As `valueAt`, for a path that is split already. */
export function valueUnder(source: unknown, keys: readonly string[]): unknown {
  let value = source;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as PlainObject)[key];
  }
  return value;
}

/** Sets the value at a path, making the objects on the way. */
export function setAt(target: PlainObject, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? path;
  let parent = target;
  for (const key of keys) {
    const child = parent[key];
    if (isPlainObject(child)) parent = child;
    else {
      const made: PlainObject = {};
      parent[key] = made;
      parent = made;
    }
  }
  parent[last] = value;
}

/** Freezes object literals and arrays all the way down; instances and functions belong to the user and stay as they are. */
export function deepFreeze<T>(value: T, keep: ReadonlySet<string> = new Set()): T {
  if (Array.isArray(value)) for (const item of value) deepFreeze(item, keep);
  else if (isPlainObject(value)) {
    for (const [key, item] of Object.entries(value)) if (!keep.has(key)) deepFreeze(item, keep);
  } else return value;
  return Object.freeze(value);
}
