import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import got, { type Got, type RequestFunction } from 'got';
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
    const stream = instance.stream(request.url, gotOptions(request, agents));
    new GotExchange({ stream, request, clock, resolve, reject }).start();
  });
}

/**
 * got knows of HEAD that nobody sends a body with it, though a proxy may have to (RFC 9110, 9.3.2). It is told of a GET, and Node of
 * a HEAD; the length in the answer is then no body that got could miss.
 */
const sendHead: RequestFunction = (url, options, callback) => {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return request(url, { ...(options as RequestOptions), method: 'HEAD' }, callback);
};

/** What got needs to hear before it sends a body with these. */
const BODY_ALLOWED: Readonly<Record<string, object>> = {
  GET: { allowGetBody: true },
  HEAD: { method: 'GET', allowGetBody: true, request: sendHead, strictContentLength: false },
};

/** Per request as little as can be: each option costs got time. */
function gotOptions(request: TransportRequest, agents: Agents) {
  const { method, body, serverName, freshConnection } = request;
  const agent = ownAgent(serverName, freshConnection, agents);
  return {
    method: method as 'GET',
    headers: wireHeaders(request),
    ...(body.kind !== 'empty' && BODY_ALLOWED[method]),
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
