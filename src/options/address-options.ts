/** The options that say where a service is: one of them replaces any other. */
export const ADDRESS_OPTIONS = ['baseUrl', 'endpoints', 'discovery'] as const;

export function hasAddress(options: Readonly<Record<string, unknown>>): boolean {
  return ADDRESS_OPTIONS.some(key => options[key] !== undefined);
}
