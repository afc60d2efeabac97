import type { AnyServiceClientError } from '../../../src/errors/any-service-client-error.ts';
import { BodyTooLargeError } from '../../../src/errors/body-too-large-error.ts';
import { CircuitOpenError } from '../../../src/errors/circuit-open-error.ts';
import { ClientClosedError } from '../../../src/errors/client-closed-error.ts';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import { DecodeError } from '../../../src/errors/decode-error.ts';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';
import { LoopError } from '../../../src/errors/loop-error.ts';
import { NetworkError } from '../../../src/errors/network-error.ts';
import { NoEndpointError } from '../../../src/errors/no-endpoint-error.ts';
import { OverloadedError } from '../../../src/errors/overloaded-error.ts';
import { StatusError } from '../../../src/errors/status-error.ts';
import { TimeoutError } from '../../../src/errors/timeout-error.ts';
import { UnhealthyError } from '../../../src/errors/unhealthy-error.ts';
import { ValidationError } from '../../../src/errors/validation-error.ts';

export const SECRET = 'hunter2';
export const service = 'users';
export const endpoint = 'http://localhost:3001';

/** What got rejects with: its options, enumerable, hold the Authorization header and the whole URL. */
export function gotLikeError(): Error {
  const raw = new Error(`connect ECONNREFUSED http://localhost:3001/?token=${SECRET}\n    at ${SECRET}`);
  const inner = Object.assign(new Error(`inner ${SECRET}`), { code: 'ECONNREFUSED' });
  return Object.assign(raw, {
    name: 'RequestError',
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: SECRET,
    cause: inner,
    options: {
      headers: { authorization: `Bearer ${SECRET}` },
      url: new URL(`http://u:${SECRET}@localhost/?q=${SECRET}`),
    },
    request: { path: `/?token=${SECRET}` },
    response: { body: SECRET },
  });
}

/** One of each, made from a wire full of secrets. */
export function everyError(): readonly AnyServiceClientError[] {
  const issues = [{ path: 'a.b', message: 'wrong' }];
  const secretIssues = [{ path: `records.${SECRET}`, message: `expected a number, got "${SECRET}"` }];
  const cause = gotLikeError();
  const headers = {
    authorization: SECRET,
    'set-cookie': [`sid=${SECRET}`],
    'content-type': 'application/problem+json',
  };
  const data = { message: SECRET, detail: SECRET, nested: { SECRET } };
  return [
    new ConfigurationError({ service, issues }),
    new InvalidRequestError({ service, issues, cause }),
    new StatusError({ service, endpoint, status: 503, headers, data, method: 'GET', retryAfterMs: 1000 }),
    new StatusError({ service, endpoint, status: 404, headers, data, method: 'GET' }),
    new NetworkError({ service, endpoint, phase: 'connect', cause, neverSent: true }),
    new NetworkError({ service, endpoint, phase: 'body', systemCode: `not a code ${SECRET}`, cause }),
    new TimeoutError({ service, endpoint, scope: 'attempt', timeoutMs: 8000 }),
    new CircuitOpenError({ service, endpoint, retryAfterMs: 4200 }),
    new UnhealthyError({ service, endpoints: [endpoint] }),
    new OverloadedError({ service, maxConcurrent: 10, maxQueued: 2 }),
    new NoEndpointError({ service, cause }),
    new BodyTooLargeError({ service, endpoint, limitBytes: 100 }),
    new DecodeError({ service, endpoint, contentType: `text/html; x=${SECRET}`, status: 200, cause }),
    new ValidationError({ service, endpoint, issues: secretIssues, status: 200 }),
    new LoopError({ service }),
    new ClientClosedError({ service }),
  ];
}
