import { ConfigurationError } from '../errors/configuration-error.ts';
import { cancellable } from '../time/cancellable.ts';
import type { Clock } from '../time/clock.ts';
import { plainBody } from './plain-body.ts';
import { isReply, isReplyBody, type PlainReply, replyHeaders } from './plain-reply.ts';
import type { Reply, Transport, TransportRequest } from './transport.ts';

/**
 * A transport of the user's own, held to the contract: a call's end does not wait for a transport that ignores it, and a plain
 * reply is as good as one with a body of its own.
 */
export function userTransport(transport: Transport, clock: Clock): Transport {
  return {
    send: async request => {
      const answer = async (): Promise<PlainReply> => transport.send(request);
      return adopt(await cancellable(answer(), request.cancellation, discard), request, clock);
    },
    close: () => transport.close(),
  };
}

function adopt(reply: PlainReply, request: TransportRequest, clock: Clock): Reply {
  if (!isReply(reply)) {
    const { service } = request;
    throw new ConfigurationError({
      service,
      issues: [
        {
          path: 'transport',
          message: 'send() must resolve to a reply with a status, and a body of text, bytes or a stream',
        },
      ],
    });
  }
  const { status, bytes, body: content = bytes } = reply;
  if (isReplyBody(content)) return reply as Reply;
  const headers = replyHeaders(reply.headers);
  const { cancellation } = request;
  return { status, headers, body: plainBody({ content, status, headers, request, clock, cancellation }) };
}

/** It came when nobody waited for it any more. */
function discard({ body }: PlainReply): void {
  if (isReplyBody(body)) body.discard();
}
