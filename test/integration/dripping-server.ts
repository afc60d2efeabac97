import type { ServerResponse } from 'node:http';
import { startServer, type TestServer } from '../support/http-server.ts';

/** A real server that sends the head at once and the body by hand: msw sends a head with the first of the body. */
export interface DrippingServer extends AsyncDisposable {
  readonly url: string;
  readonly server: TestServer;
  /** The latest response; there once the client has its head. */
  readonly response: ServerResponse;
}

export async function startDripping(headers: Record<string, string> = {}): Promise<DrippingServer> {
  let latest: ServerResponse | undefined;
  const server = await startServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', ...headers }).flushHeaders();
    latest = response;
  });
  return {
    url: server.url,
    server,
    get response() {
      if (latest === undefined) throw new Error('no request yet');
      return latest;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
