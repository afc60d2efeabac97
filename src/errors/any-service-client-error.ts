import type { BodyTooLargeError } from './body-too-large-error.ts';
import type { CircuitOpenError } from './circuit-open-error.ts';
import type { ClientClosedError } from './client-closed-error.ts';
import type { ConfigurationError } from './configuration-error.ts';
import type { DecodeError } from './decode-error.ts';
import type { InvalidRequestError } from './invalid-request-error.ts';
import type { LoopError } from './loop-error.ts';
import type { NetworkError } from './network-error.ts';
import type { NoEndpointError } from './no-endpoint-error.ts';
import type { OverloadedError } from './overloaded-error.ts';
import type { StatusError } from './status-error.ts';
import type { TimeoutError } from './timeout-error.ts';
import type { UnhealthyError } from './unhealthy-error.ts';
import type { ValidationError } from './validation-error.ts';

/** Every error there is: `switch (error.code)` narrows to its class. */
export type AnyServiceClientError =
  | ConfigurationError
  | InvalidRequestError
  | StatusError
  | NetworkError
  | TimeoutError
  | CircuitOpenError
  | UnhealthyError
  | OverloadedError
  | NoEndpointError
  | BodyTooLargeError
  | DecodeError
  | ValidationError
  | LoopError
  | ClientClosedError;

/** Every error's `code`. */
export type ErrorCode = AnyServiceClientError['code'];
