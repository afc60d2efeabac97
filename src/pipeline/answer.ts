import type { ServiceResponse } from '../response/service-response.ts';
import type { StreamResponse } from '../response/stream-response.ts';

/** What a call comes to. */
export type Answer = ServiceResponse<unknown> | StreamResponse;
