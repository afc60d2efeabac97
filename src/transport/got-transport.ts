import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import got, { type Got, type Request, type RequestFunction } from 'got';
import { type AgentPair, Agents } from './agents.ts';
import { ACCEPTED_CODINGS } from './content-decoding.ts';
import { GotExchange } from './got-exchange.ts';
import type { Transport, TransportRequest, TransportSettings } from './transport.ts';

/** The default transport. Of got it takes the request itself; retries, redirects, time limits, pools and decoding are the client's own. */
export function gotTransport({ pool, tls, clock }: TransportSettings): Transport {
  const agents = new Agents(pool, tls);
  const instances = new GotInstances(agents);
  return {
    send: request =>
      new Promise((resolve, reject) => {
        const stream = openStream(request, instances, agents);
        new GotExchange({ stream, request, clock, resolve, reject }).start();
      }),
    close() {
      agents.close();
    },
  };
}

/** got copies options at length for every request: what many requests have in common is given once, the headers when it has copied. */
function openStream(request: TransportRequest, instances: GotInstances, agents: Agents): Request {
  const { url, method, body, serverName, freshConnection } = request;
  const agent = ownAgent(serverName, freshConnection, agents);
  const instance = instances.get(body.kind === 'empty' ? method : `${method} body`, request);
  const stream = instance.stream(url, agent && { agent });
  // It is sent one turn later. A URL that got refuses has left it without options.
  if (stream.options !== undefined) Object.assign(stream.options.getInternalHeaders(), wireHeaders(request));
  return stream;
}

/** One for each method, made at its first request: one costs more than the rest of an idle client. */
class GotInstances {
  readonly #agents: Agents;
  readonly #byKey = new Map<string, Got>();
  #plain: Got | undefined;

  constructor(agents: Agents) {
    this.#agents = agents;
  }

  get(key: string, { method, body }: TransportRequest): Got {
    let instance = this.#byKey.get(key);
    if (instance === undefined) {
      instance = this.#base.extend({
        method: method as 'GET',
        ...(body.kind !== 'empty' && BODY_ALLOWED[method]),
      });
      this.#byKey.set(key, instance);
    }
    return instance;
  }

  get #base(): Got {
    this.#plain ??= got.extend({
      agent: this.#agents.shared,
      // Its lists would be copied too.
      retry: { limit: 0, methods: [], statusCodes: [], errorCodes: [] },
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
      // Node tells of a body that is cut short, and got would miss what it does not see being read.
      strictContentLength: false,
      // Else got introduces itself.
      headers: { 'user-agent': undefined },
    });
    return this.#plain;
  }
}

/**
 * got knows of HEAD that nobody sends a body with it, though a proxy may have to (RFC 9110, 9.3.2). It is told of a GET, and Node of
 * a HEAD.
 */
const sendHead: RequestFunction = (url, options, callback) => {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return request(url, { ...(options as RequestOptions), method: 'HEAD' }, callback);
};

/** What got needs to hear before it sends a body with these. */
const BODY_ALLOWED: Readonly<Record<string, object>> = {
  GET: { allowGetBody: true },
  HEAD: { method: 'GET', allowGetBody: true, request: sendHead },
};

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
