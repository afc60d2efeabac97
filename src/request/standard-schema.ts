/**
 * Any schema that follows Standard Schema v1: zod, valibot, arktype, effect and others.
 * Restated here so that the package needs none of them.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    /** The library that made the schema. */
    readonly vendor: string;
    /** Checks a value and gives it back, converted if the schema converts. May be asynchronous. */
    readonly validate: (
      value: unknown,
    ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
    /** Carries the types; never present at run time. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What validation says: the value, or what is wrong with it. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] };

/** One thing that is wrong with a value. */
export interface StandardSchemaIssue {
  readonly message: string;
  /** Where: keys from the root on, plain or wrapped. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
