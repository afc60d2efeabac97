import http, { type RequestOptions } from 'node:http';
import https from 'node:https';
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

function openStream(request: TransportRequest, instances: GotInstances, agents: Agents): Request {
  const agent = ownAgent(request.serverName, request.freshConnection, agents);
  const stream = instances.get(request).stream(request.url, agent && { agent });
  // It is sent one turn later. A URL that got refuses has left it without options.
  if (stream.options !== undefined) stream.options.request = sender(request.method, wireHeaders(request));
  return stream;
}

/** got copies options at length for every request: what many requests have in common is given once. */
class GotInstances {
  readonly #agents: Agents;
  /** Each is made at the first request that needs it: one costs more than the rest of an idle client. */
  readonly #byMethod = new Map<string, Got>();

  constructor(agents: Agents) {
    this.#agents = agents;
  }

  get({ method, body }: TransportRequest): Got {
    const empty = body.kind === 'empty';
    const key = empty ? method : `${method} with a body`;
    let instance = this.#byMethod.get(key);
    if (instance === undefined) {
      instance = this.#make(method, empty);
      this.#byMethod.set(key, instance);
    }
    return instance;
  }

  #make(method: string, empty: boolean): Got {
    const instance = got.extend({
      mutableDefaults: true,
      agent: this.#agents.shared,
      method: method as 'GET',
      // Its lists would be copied too.
      retry: { limit: 0, methods: [], statusCodes: [], errorCodes: [] },
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
      // Node tells of a body that is cut short, and got would miss what it does not see being read.
      strictContentLength: false,
      ...(!empty && BODY_ALLOWED[method]),
    });
    // Copied for every request too, name by name, with nothing in any of them that we want.
    const lean = { headers: {}, https: {}, cacheOptions: {}, timeout: {} };
    // Whatever stands in for got in a test may have none.
    if (instance.defaults !== undefined) Object.assign(instance.defaults.options, lean);
    return instance;
  }
}

/**
 * What got needs to hear before it sends a body with these. It knows of HEAD that nobody sends one with it, though a proxy may have to
 * (RFC 9110, 9.3.2): got is told of a GET, and Node of a HEAD.
 */
const BODY_ALLOWED: Readonly<Record<string, object>> = {
  GET: { allowGetBody: true },
  HEAD: { method: 'GET', allowGetBody: true },
};

/**
 * Puts a request on the wire with what the request is made of. got's own way copies the headers five times over and gives Node thirty
 * options more, none of them set, which the agent copies twice. It knows nothing of the call, since got's options outlive it (see
 * `releaseListeners`).
 */
function sender(method: string, headers: object): RequestFunction {
  return (url, { agent }, callback) => {
    const { protocol, hostname, port, pathname, search } = url;
    const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    const options = { protocol, host, port, path: pathname + search, method, headers, agent };
    // Looked up each time, as got does: that is where msw and tracing come in.
    const { request: send } = protocol === 'https:' ? https : http;
    return send(options as RequestOptions, callback);
  };
}

function ownAgent(serverName: string | undefined, fresh: boolean, agents: Agents): AgentPair | undefined {
  if (fresh) return agents.fresh(serverName);
  return serverName === undefined ? undefined : agents.named(serverName);
}

/** The request's own headers and the framing of its body, which is told by the body alone, whatever an interceptor has written. */
function wireHeaders({
  headers,
  body,
  decompress,
}: TransportRequest): Record<string, string | readonly string[]> {
  const own: Record<string, string | readonly string[]> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined && name !== 'content-length' && name !== 'transfer-encoding') own[name] = value;
  }
  if (decompress) own['accept-encoding'] ??= ACCEPTED_CODINGS;
  if (body.kind === 'buffered') own['content-length'] = String(Buffer.byteLength(body.bytes));
  else if (body.kind !== 'empty') {
    // Said for every method: without it Node would send the body of a DELETE without any framing.
    if (body.byteLength === undefined) own['transfer-encoding'] = 'chunked';
    else own['content-length'] = String(body.byteLength);
  }
  return own;
}
