import type { Credentials } from '../auth/credentials.ts';
import type { ResolvedOptions } from '../options/resolved-options.ts';
import { EMPTY_BODY } from '../request/request-body.ts';
import { resolveUrl } from '../request/request-url.ts';
import type { Transport } from '../transport/transport.ts';
import type { SendProbe } from './probe-endpoint.ts';

const nothing = () => undefined;

/** Sends probes straight through the transport: past circuit and bulkhead, which they must be able to see recover. */
export function probeSender(
  options: ResolvedOptions,
  transport: Transport,
  credentials: Credentials | undefined,
): SendProbe {
  return async (endpoint, path, timeoutMs, cancellation) => {
    const authorization = await credentials?.get(endpoint.url, cancellation);
    const reply = await transport.send({
      service: options.name,
      endpoint: endpoint.url,
      method: 'GET',
      url: resolveUrl(endpoint.url, path),
      headers: {
        ...options.headers,
        ...(authorization !== undefined && { authorization }),
        ...(endpoint.hostHeader !== undefined && { host: endpoint.hostHeader }),
      },
      body: EMPTY_BODY,
      serverName: endpoint.serverName,
      connectMs: options.timeout.connectMs,
      idleMs: timeoutMs,
      decompress: false,
      freshConnection: false,
      cancellation,
      onSocket: nothing,
      onUploadStart: nothing,
      onUploadEnd: nothing,
    });
    reply.body.discard();
    return { status: reply.status };
  };
}
