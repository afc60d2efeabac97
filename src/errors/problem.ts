import { STATUS_CODES } from 'node:http';

/** What a gateway answers for a failure: a problem details object (RFC 9457), to be sent as `application/problem+json`. */
export interface Problem {
  /** `about:blank`: the problem means no more than its status (RFC 9457, section 4.2.1). */
  readonly type: string;
  /** The status in words. */
  readonly title: string;
  /** The status a gateway answers. */
  readonly status: number;
  /** Safe to show: never upstream text of a 5xx. */
  readonly detail?: string;
  /** The service that was called. */
  readonly service: string;
  /** The error's own code (`ERR_…`). */
  readonly code: string;
  readonly requestId?: string;
}

/** Puts a problem together, leaving out what is not known. */
export function describeProblem(problem: {
  readonly status: number;
  readonly detail: string | undefined;
  readonly service: string;
  readonly code: string;
  readonly requestId: string | undefined;
}): Problem {
  const { status, detail, service, code, requestId } = problem;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Unknown Error',
    status,
    ...(detail !== undefined && { detail }),
    service,
    code,
    ...(requestId !== undefined && { requestId }),
  };
}
