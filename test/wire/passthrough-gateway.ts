import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { ServiceClient } from '../../src/index.ts';
import type { ServiceClientOptions } from '../../src/options/client-options.ts';
import type { PassthroughOptions, PassthroughResult } from '../../src/passthrough/passthrough.ts';
import { startServer, type TestServer } from '../support/http-server.ts';

type Incoming = (req: IncomingMessage, res: ServerResponse) => unknown;

export interface GatewaySettings {
  /** Of the client, beside its name and address. */
  readonly client?: Partial<ServiceClientOptions>;
  /** Of each passthrough. */
  readonly options?: PassthroughOptions;
  /** Runs before each passthrough. */
  readonly before?: Incoming;
}

/** A gateway in front of one upstream: everything that reaches it goes through `client.passthrough`. */
export class Gateway implements AsyncDisposable {
  readonly client: ServiceClient;
  readonly server: TestServer;
  readonly #results: Promise<PassthroughResult>[];

  constructor(client: ServiceClient, server: TestServer, results: Promise<PassthroughResult>[]) {
    this.client = client;
    this.server = server;
    this.#results = results;
  }

  get port(): number {
    return this.server.port;
  }

  get url(): string {
    return this.server.url;
  }

  /** How the request number `count` went, once its passthrough is over. */
  async result(count = 1): Promise<PassthroughResult> {
    await this.server.received(count);
    return this.#results[count - 1] as Promise<PassthroughResult>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    await this.client.close({ graceMs: 0 });
  }
}

export async function startGateway(upstreamUrl: string, settings: GatewaySettings = {}): Promise<Gateway> {
  const { options, before } = settings;
  const client = new ServiceClient({
    name: 'upstream',
    baseUrl: upstreamUrl,
    retry: false,
    ...settings.client,
  } as ServiceClientOptions);
  const results: Promise<PassthroughResult>[] = [];
  const server = await startServer((req, res) => {
    before?.(req, res);
    const result = client.passthrough(req, res, options);
    results.push(result);
    return result;
  });
  return new Gateway(client, server, results);
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly trailers: NodeJS.Dict<string>;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

/** One request over node:http on a connection of its own; rejects when the answer is broken off. */
export async function ask(port: number, asked: Asked = {}): Promise<Answer> {
  const { method = 'GET', path = '/', headers, body } = asked;
  const req = request({ port, host: '127.0.0.1', method, path, headers, agent: false } as object);
  req.end(body);
  const [message] = (await once(req, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = await message.toArray();
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    rawHeaders: message.rawHeaders,
    body: Buffer.concat(chunks),
    trailers: message.trailers,
  };
}

/** Writes for as long as the peer takes it, and tells how many bytes that were once it takes no more. */
export async function writeUntilFull(stream: Writable, quietMs = 300): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024);
  let bytes = 0;
  let last = performance.now();
  while (performance.now() - last < quietMs && bytes < 256 * 1024 * 1024) {
    if (!stream.writableNeedDrain) {
      stream.write(chunk);
      bytes += chunk.length;
      last = performance.now();
    }
    await new Promise(resolve => setImmediate(resolve));
  }
  return bytes;
}
