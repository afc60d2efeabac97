import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** Beyond this a body is only counted, so that a test may upload gigabytes. */
const MAX_KEPT_BYTES = 1024 * 1024;

/** A request as the server saw it. */
export class SeenRequest {
  readonly method: string;
  /** Path and query as they were on the wire. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values alternating, in order, as written. */
  readonly rawHeaders: readonly string[];
  /** Which connection it came on, 1 for the first. */
  readonly connection: number;
  /** Body bytes that have arrived, decoded from chunks. */
  bodyBytes = 0;
  /** The body as text, once it has arrived whole; absent before, when it was cut off, and above 1 MiB. */
  body: string | undefined;
  /** Resolves to `body` when the request has ended or was cut off. */
  readonly whole: Promise<string | undefined>;
  /** Resolves when its answer is over, and tells whether it was sent to its end. */
  readonly answered: Promise<{ complete: boolean }>;

  constructor(req: IncomingMessage, res: ServerResponse, connection: number) {
    this.method = req.method ?? '';
    this.url = req.url ?? '';
    this.headers = req.headers;
    this.rawHeaders = req.rawHeaders;
    this.connection = connection;
    this.#keepBody(req);
    this.whole = new Promise(resolve => req.once('close', () => resolve(this.body)));
    this.answered = new Promise(resolve => {
      res.once('close', () => resolve({ complete: res.writableFinished }));
    });
  }

  /** Copies what the parser pushes: a `data` listener would make the stream flow, and hide backpressure from the test. */
  #keepBody(req: IncomingMessage): void {
    const chunks: Buffer[] = [];
    const push = req.push.bind(req);
    req.push = (chunk: Buffer | null) => {
      if (chunk !== null) {
        this.bodyBytes += chunk.length;
        if (this.bodyBytes <= MAX_KEPT_BYTES) chunks.push(Buffer.from(chunk));
      } else if (this.bodyBytes <= MAX_KEPT_BYTES) {
        this.body = Buffer.concat(chunks).toString();
      }
      return push(chunk);
    };
  }
}
