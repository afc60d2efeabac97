import type { IncomingMessage, ServerResponse } from 'node:http';
import { startServer, type TestServer } from '../support/http-server.ts';

export const ETAG = '"v1"';

/** How one request is answered where that is not honest: whole, or the range asked for. */
export interface RangeAnswer {
  /** Never begins to answer. */
  readonly silent?: boolean;
  readonly status?: number;
  /** Over those of the honest answer and the length of the body; `undefined` removes one. Without a length it goes out in chunks. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes, or what is made of the honest ones. */
  readonly body?: Uint8Array | ((honest: Buffer) => Uint8Array);
  /** Bytes of the body that go out before the connection is cut, or stands still with `stall`. */
  readonly cutAfter?: number;
  readonly stall?: boolean;
}

/** Bytes of which no two stretches are alike, so that one from elsewhere is noticed. */
export function testContent(length: number): Buffer {
  const content = Buffer.alloc(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    content[index] = state >>> 24;
  }
  return content;
}

/** A server of one representation that knows ranges and `If-Range`. The first answer is for the first request; after the last it is honest. */
export function startRangeServer(content: Buffer, answers: readonly RangeAnswer[] = []): Promise<TestServer> {
  const left = [...answers];
  return startServer((req, res) => answerRange(req, res, content, left.shift() ?? {}));
}

export function answerRange(
  req: IncomingMessage,
  res: ServerResponse,
  content: Buffer,
  answer: RangeAnswer,
): void {
  if (answer.silent) return;
  const honest = honestAnswer(req, content);
  const { status = honest.status, cutAfter, stall = false } = answer;
  const body = typeof answer.body === 'function' ? answer.body(honest.body) : (answer.body ?? honest.body);
  const length = { 'content-length': `${body.length}` };
  for (const [name, value] of Object.entries({ ...honest.headers, ...length, ...answer.headers })) {
    if (value !== undefined) res.setHeader(name, value);
  }
  res.writeHead(status);
  if (cutAfter === undefined) res.end(body);
  else if (stall) res.write(body.subarray(0, cutAfter));
  else if (cutAfter > 0) res.write(body.subarray(0, cutAfter), () => res.destroy());
  else {
    res.flushHeaders();
    setImmediate(() => res.destroy());
  }
}

function honestAnswer(req: IncomingMessage, content: Buffer) {
  const { range, 'if-range': ifRange = ETAG } = req.headers;
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (asked === null || ifRange !== ETAG) {
    return { status: 200, headers: { etag: ETAG }, body: content };
  }
  const first = Number(asked[1]);
  const last = asked[2] === '' ? content.length - 1 : Number(asked[2]);
  const body = content.subarray(first, last + 1);
  const headers = { etag: ETAG, 'content-range': `bytes ${first}-${last}/${content.length}` };
  return { status: 206, headers, body };
}

/** What a server was asked for, in order. */
export function rangesOf({ requests }: TestServer): (string | undefined)[] {
  return requests.map(({ headers }) => headers.range);
}
