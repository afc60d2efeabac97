import got, { type Got } from 'got';
import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { Clock } from '../time/clock.ts';
import { type AgentPair, Agents } from './agents.ts';
import { ACCEPTED_CODINGS } from './content-decoding.ts';
import { GotExchange } from './got-exchange.ts';
import type { Reply, Transport, TransportRequest, TransportSettings } from './transport.ts';

/** The default transport. Of got it takes the request itself; retries, redirects, time limits, pools and decoding are the client's own. */
export function gotTransport({ pool, tls, clock }: TransportSettings): Transport {
  const agents = new Agents(pool, tls);
  // Made at the first request: it costs more than the rest of an idle client.
  let instance: Got | undefined;
  return {
    send(request) {
      instance ??= extendGot(agents.shared);
      return sendOn(instance, request, agents, clock);
    },
    close() {
      agents.close();
    },
  };
}

function extendGot(agent: AgentPair): Got {
  return got.extend({
    agent,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    strictContentLength: true,
    // Else got introduces itself.
    headers: { 'user-agent': undefined },
  });
}

function sendOn(instance: Got, request: TransportRequest, agents: Agents, clock: Clock): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { body, method, service } = request;
    if (method === 'HEAD' && body.kind !== 'empty') {
      throw new InvalidRequestError({ service, issues: [{ path: 'body', message: 'HEAD takes none' }] });
    }
    const stream = instance.stream(request.url, gotOptions(request, agents));
    new GotExchange({ stream, request, clock, resolve, reject }).start();
  });
}

/** Per request as little as can be: each option costs got time. */
function gotOptions(request: TransportRequest, agents: Agents) {
  const { method, body, serverName, freshConnection } = request;
  const agent = ownAgent(serverName, freshConnection, agents);
  return {
    method: method as 'GET',
    headers: wireHeaders(request),
    ...(method === 'GET' && body.kind !== 'empty' && { allowGetBody: true }),
    ...(agent !== undefined && { agent }),
  };
}

function ownAgent(serverName: string | undefined, fresh: boolean, agents: Agents): AgentPair | undefined {
  if (fresh) return agents.fresh(serverName);
  return serverName === undefined ? undefined : agents.named(serverName);
}

/** The request's own headers and the framing of its body. */
function wireHeaders({ headers, body, decompress }: TransportRequest): Record<string, string | string[]> {
  const own = { ...headers } as Record<string, string | string[]>;
  if (decompress) own['accept-encoding'] ??= ACCEPTED_CODINGS;
  switch (body.kind) {
    case 'empty':
      return own;
    case 'buffered':
      own['content-length'] = String(Buffer.byteLength(body.bytes));
      return own;
    default:
      // Said for every method: without it Node would send the body of a DELETE without any framing.
      if (body.byteLength === undefined) own['transfer-encoding'] = 'chunked';
      else own['content-length'] = String(body.byteLength);
      return own;
  }
}
