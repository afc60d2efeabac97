import type { Reply, ReplyBody, ResponseHeaders } from './transport.ts';

/** What came off the wire. */
export class WireReply implements Reply {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: ReplyBody;

  constructor(status: number, headers: ResponseHeaders, body: ReplyBody) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}
