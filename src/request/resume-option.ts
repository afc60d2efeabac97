import { withGot } from '../options/describe-value.ts';
import { isPlainObject } from '../options/plain-object.ts';

/** Whether, and how often, a broken body is taken up again. `true` means up to 3 times. */
export type ResumeOption = boolean | { readonly maxResumes?: number | undefined };

const MAX_RESUMES = 3;
const MOST_RESUMES = 100;

/** What is wrong with a `resume` option, in words. */
export function resumeProblem(value: unknown): string | undefined {
  if (typeof value === 'boolean') return undefined;
  if (!isPlainObject(value)) return 'expected true, false or { maxResumes }';
  const unknown = Object.keys(value).find(key => key !== 'maxResumes');
  if (unknown !== undefined) return 'knows only maxResumes';
  const { maxResumes } = value;
  if (maxResumes === undefined) return undefined;
  const fits = Number.isInteger(maxResumes) && Number(maxResumes) >= 0 && Number(maxResumes) <= MOST_RESUMES;
  return fits
    ? undefined
    : `maxResumes: ${withGot(`expected a whole number from 0 to ${MOST_RESUMES}`, maxResumes)}`;
}

/** How often an option lets a body be taken up; a wrong one, which is reported elsewhere, never. */
export function resumesOf(value: unknown): number {
  if (value === true) return MAX_RESUMES;
  return isPlainObject(value) && resumeProblem(value) === undefined
    ? ((value.maxResumes as number | undefined) ?? MAX_RESUMES)
    : 0;
}
