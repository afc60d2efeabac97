type Expecting =
  | { readonly part: 'head' }
  | { readonly part: 'body'; readonly bytes: number }
  | { readonly part: 'chunks' };

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';

/** Cuts a connection's bytes into requests and tells each head as soon as it is whole; bodies are skipped. */
export class RequestReader {
  readonly #onHead: (head: string) => void;
  #rest: Buffer = Buffer.alloc(0);
  #expecting: Expecting = { part: 'head' };

  constructor(onHead: (head: string) => void) {
    this.#onHead = onHead;
  }

  read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#step()) {
      // Each step takes one part off the front.
    }
  }

  #step(): boolean {
    switch (this.#expecting.part) {
      case 'head': {
        const end = this.#rest.indexOf(HEAD_END);
        if (end < 0) return false;
        const head = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + HEAD_END.length);
        this.#expecting = bodyAfter(head);
        this.#onHead(head);
        return true;
      }
      case 'body': {
        const taken = Math.min(this.#expecting.bytes, this.#rest.length);
        const bytes = this.#expecting.bytes - taken;
        this.#rest = this.#rest.subarray(taken);
        this.#expecting = bytes > 0 ? { part: 'body', bytes } : { part: 'head' };
        return bytes === 0;
      }
      case 'chunks': {
        const end = this.#rest.indexOf(LAST_CHUNK);
        if (end < 0) {
          this.#rest = this.#rest.subarray(Math.max(0, this.#rest.length - LAST_CHUNK.length + 1));
          return false;
        }
        this.#rest = this.#rest.subarray(end + LAST_CHUNK.length);
        this.#expecting = { part: 'head' };
        return true;
      }
    }
  }
}

function bodyAfter(head: string): Expecting {
  if (/^transfer-encoding:.*chunked/im.test(head)) return { part: 'chunks' };
  const length = Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
  return length > 0 ? { part: 'body', bytes: length } : { part: 'head' };
}
