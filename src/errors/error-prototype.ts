/**
 * Sets the `name` of a class of errors and of its instances: theirs on the prototype, so that an error costs no property for it.
 * The class gets it too, since a bundler renames one that speaks of itself, and `inspect` prints the name of the class.
 */
export function nameErrors(prototype: Error, name: string): void {
  Object.defineProperty(prototype, 'name', { value: name, writable: true, configurable: true });
  Object.defineProperty(prototype.constructor, 'name', { value: name, configurable: true });
}

/**
 * Defines accessors that no printer reaches.
 *
 * A getter on the class itself is not enough: `inspect` with `showHidden` and `getters` lists the accessors of
 * the prototypes too and calls them. It stops at a prototype whose constructor is a built-in, so
 * the accessors live on one inserted there that says it is `Error`'s.
 */
export function defineUnprinted<E extends Error>(
  prototype: E,
  accessors: { readonly [K in keyof E]?: (error: E) => E[K] | undefined },
): void {
  const hidden = Object.create(Object.getPrototypeOf(prototype) as object, { constructor: { value: Error } });
  for (const [key, read] of Object.entries<unknown>(accessors)) {
    if (typeof read !== 'function') continue;
    Object.defineProperty(hidden, key, {
      get() {
        return read(this);
      },
      configurable: true,
    });
  }
  Object.setPrototypeOf(prototype, hidden);
}
