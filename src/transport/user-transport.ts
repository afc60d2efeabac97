import { ConfigurationError } from '../errors/configuration-error.ts';
import { cancellable } from '../time/cancellable.ts';
import type { Clock } from '../time/clock.ts';
import { foreignFailure } from './foreign-failure.ts';
import { plainBody } from './plain-body.ts';
import { isReply, isReplyBody, type PlainReply, replyHeaders } from './plain-reply.ts';
import type { Reply, Transport, TransportRequest } from './transport.ts';

/**
 * A transport of the user's own, held to the contract: a call's end does not wait for a transport that ignores it, a plain
 * reply is as good as one with a body of its own, and an error as good as a `NetworkError`.
 * One made by a factory is given a pool's settings, so that it knows when a request has its socket; of any other an attempt's
 * time starts at `send`.
 */
export function userTransport(transport: Transport, clock: Clock, timedFrom: 'send' | 'socket'): Transport {
  return {
    send: async request => {
      if (timedFrom === 'send') request.onSocket();
      const answer = async (): Promise<PlainReply> => transport.send(request);
      let reply: PlainReply;
      try {
        reply = await cancellable(answer(), request.cancellation, discard);
      } catch (error) {
        throw request.cancellation.cancelled ? error : foreignFailure(error, request, 'response');
      }
      return adopt(reply, request, clock);
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
