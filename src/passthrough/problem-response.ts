import { problemAnswer } from './send-problem.ts';

/**
 * What `sendProblem` answers, as a `Response`: for frameworks whose error handler returns one.
 *
 * @example
 * app.onError(error => problemResponse(error)); // Hono
 */
export function problemResponse(error: unknown): Response {
  const { status, headers, payload } = problemAnswer(error);
  return new Response(payload, { status, headers: headers as Record<string, string> });
}
