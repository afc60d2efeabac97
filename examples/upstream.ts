import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service for the examples to call. */
export interface Upstream extends AsyncDisposable {
  readonly url: string;
  /** What it has been asked so far: `GET /users/7`. */
  readonly requests: readonly string[];
}

/** `nth` is 1 for the first request that the service gets. */
type Answer = (req: IncomingMessage, res: ServerResponse, nth: number) => unknown;

/** Starts a service on a free port of this machine. */
export async function startUpstream(answer: Answer): Promise<Upstream> {
  const requests: string[] = [];
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    answer(req, res, requests.length);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export function sendJson(
  res: ServerResponse,
  status: number,
  data: unknown,
  headers?: OutgoingHttpHeaders,
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(data));
}
