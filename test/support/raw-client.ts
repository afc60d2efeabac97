import { connect, type Socket } from 'node:net';
import { Watchers } from './watchers.ts';

/** How a connection ended: `end` is a clean close by the peer, `reset` and `closed` are not. */
export type RawEnd = 'end' | 'reset' | 'closed';

/** A bare TCP connection to 127.0.0.1: sends any bytes and keeps all that comes back. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  /** Resolves when the connection is over, never rejects. */
  readonly ended: Promise<RawEnd>;
  readonly #chunks: Buffer[] = [];
  readonly #watchers = new Watchers();
  #end: RawEnd | undefined;

  constructor(port: number) {
    let end: RawEnd = 'closed';
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.on('data', chunk => {
      this.#chunks.push(chunk);
      this.#watchers.changed();
    });
    this.socket.on('end', () => {
      end = 'end';
    });
    this.socket.on('error', () => {
      end = 'reset';
    });
    this.ended = new Promise(resolve => {
      this.socket.on('close', () => {
        this.#end = end;
        resolve(end);
        this.#watchers.changed();
      });
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** One character per byte. */
  get text(): string {
    return this.bytes.toString('latin1');
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Resolves to all text so far as soon as it contains `part`; rejects when the connection ends without. */
  async until(part: string | RegExp): Promise<string> {
    const found = () => (typeof part === 'string' ? this.text.includes(part) : part.test(this.text));
    await this.#watchers.until(() => found() || this.#end !== undefined);
    if (!found()) throw new Error(`the connection ended (${this.#end}) before ${part}, after: ${this.text}`);
    return this.text;
  }

  /** Leaves without a goodbye. */
  async destroy(): Promise<void> {
    this.socket.destroy();
    await this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }
}

export interface RawResult {
  readonly text: string;
  readonly bytes: Buffer;
  /** `timeout` when the connection was still open after the time allowed. */
  readonly end: RawEnd | 'timeout';
}

/** Sends `bytes` and collects what comes back until the peer closes or `timeoutMs` is over. */
export async function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  timeoutMs = 2000,
): Promise<RawResult> {
  await using client = new RawClient(port);
  client.send(bytes);
  const timeout = Promise.withResolvers<'timeout'>();
  const timer = setTimeout(() => timeout.resolve('timeout'), timeoutMs);
  const end = await Promise.race([client.ended, timeout.promise]);
  clearTimeout(timer);
  return { text: client.text, bytes: client.bytes, end };
}
