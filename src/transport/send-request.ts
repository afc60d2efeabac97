import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Next } from '../pipeline/stage.ts';
import { EMPTY_BODY } from '../request/request-body.ts';
import { ReceivedReply } from './received-reply.ts';
import type { Transport } from './transport.ts';

/** The end of the line: one request on the wire. */
export function sendRequest(transport: Transport): Next<DispatchScope, ReceivedReply> {
  return scope => {
    const { call, request, endpoint, attempt, cancellation, method, url, headers, time } = scope;
    cancellation.throwIfCancelled();
    const { connectMs, idleMs } = request.settings.timeout;
    const sent = transport.send({
      service: call.service,
      endpoint: endpoint.url,
      method,
      url,
      headers,
      body: scope.dropBody ? EMPTY_BODY : request.body,
      serverName: endpoint.serverName,
      connectMs,
      idleMs,
      decompress: request.decompress,
      freshConnection: attempt.freshConnection,
      cancellation,
      onSocket: () => time.onSocket(),
      onUploadStart: () => time.onUploadStart(),
      onUploadEnd: () => time.onUploadEnd(),
      onInformation: request.onInformation,
    });
    return sent.then(reply => new ReceivedReply(reply, url));
  };
}
