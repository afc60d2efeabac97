import { nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';

export interface CircuitOpenErrorInit {
  readonly service: string;
  readonly endpoint?: string | undefined;
  readonly retryAfterMs: number;
}

/** Rejects a call at once, without a request: the circuits of the service's endpoints are open. */
export class CircuitOpenError extends ServiceClientError {
  readonly code = 'ERR_CIRCUIT_OPEN';
  readonly gatewayStatus = 503;
  /** Milliseconds until the next trial is let through. */
  declare readonly retryAfterMs: number;

  static {
    nameErrors(CircuitOpenError.prototype, 'CircuitOpenError');
  }

  constructor(init: CircuitOpenErrorInit) {
    const circuit = init.endpoint === undefined ? 'every circuit' : `circuit of ${init.endpoint}`;
    super(`${circuit} is open, next trial in ${Math.max(0, Math.ceil(init.retryAfterMs))} ms`, init, true);
  }
}
