import type { Issue } from '../errors/issue.ts';
import { ValidationError } from '../errors/validation-error.ts';
import { printPath } from '../options/schema-issues.ts';
import type { StandardSchemaIssue, StandardSchemaV1 } from '../request/standard-schema.ts';

/** A decoded body and the schema it must match. */
export interface BodyToValidate {
  readonly schema: StandardSchemaV1;
  readonly data: unknown;
  readonly status: number;
  readonly service: string;
  readonly endpoint: string;
}

/**
 * Gives the data as the schema gives it back, converted if it converts.
 *
 * @throws {@link ValidationError} when the data does not match, or with the schema's own error as `cause` when it throws
 */
export async function validateBody(input: BodyToValidate): Promise<unknown> {
  const { schema, data, status, service, endpoint } = input;
  let issues: Issue[];
  try {
    const result = await schema['~standard'].validate(data);
    if (typeof result !== 'object') throw new TypeError('the schema gave no result object');
    if (result.issues === undefined) return result.value;
    issues = result.issues.map(describeIssue);
  } catch (cause) {
    const failed = [{ path: '', message: 'the schema itself failed' }];
    const init = { service, endpoint, status, issues: failed, cause, callerCause: true };
    throw new ValidationError(init);
  }
  throw new ValidationError({ service, endpoint, status, issues });
}

function describeIssue({ message, path = [] }: StandardSchemaIssue): Issue {
  return { path: printPath(path.map(step => (typeof step === 'object' ? step.key : step))), message };
}
