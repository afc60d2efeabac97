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

/**
 * got copies options at length for every request: what many requests have in common is given once, and headers of its own when it has
 * copied the rest.
 */
function openStream(request: TransportRequest, instances: GotInstances, agents: Agents): Request {
  const { url, headers, body, serverName, freshConnection } = request;
  const agent = ownAgent(serverName, freshConnection, agents);
  // Frozen headers are those that all calls of the client share.
  const common = body.kind === 'empty' && Object.isFrozen(headers);
  const stream = instances.get(request, common).stream(url, agent && { agent });
  // It is sent one turn later. A URL that got refuses has left it without options.
  if (!common && stream.options !== undefined) stream.options.headers = wireHeaders(request);
  return stream;
}

/** Each is made at the first request that needs it: one costs more than the rest of an idle client. */
class GotInstances {
  readonly #agents: Agents;
  readonly #byMethod = new Map<string, Got>();
  readonly #byHeaders = new WeakMap<TransportRequest['headers'], Map<string, Got>>();

  constructor(agents: Agents) {
    this.#agents = agents;
  }

  /** `common`: other requests have the same headers. */
  get(request: TransportRequest, common: boolean): Got {
    const { method, body, decompress, headers } = request;
    const instances = common ? this.#with(headers) : this.#byMethod;
    const key = `${method} ${body.kind === 'empty'} ${decompress}`;
    let instance = instances.get(key);
    if (instance === undefined) {
      instance = this.#make(request, common ? wireHeaders(request) : {});
      instances.set(key, instance);
    }
    return instance;
  }

  #with(headers: TransportRequest['headers']): Map<string, Got> {
    let instances = this.#byHeaders.get(headers);
    if (instances === undefined) {
      instances = new Map();
      this.#byHeaders.set(headers, instances);
    }
    return instances;
  }

  #make({ method, body }: TransportRequest, headers: Record<string, string | string[] | undefined>): Got {
    const instance = got.extend({
      mutableDefaults: true,
      agent: this.#agents.shared,
      method: method as 'GET',
      request: send,
      // Its lists would be copied too.
      retry: { limit: 0, methods: [], statusCodes: [], errorCodes: [] },
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
      // Node tells of a body that is cut short, and got would miss what it does not see being read.
      strictContentLength: false,
      // Without one of ours got introduces itself.
      headers: { 'user-agent': undefined, ...headers },
      ...(body.kind !== 'empty' && BODY_ALLOWED[method]),
    });
    // Copied for every request too, name by name, with no value under any of the names.
    const lean = { https: {}, cacheOptions: {}, timeout: {} };
    // A test's stand-in for got may have none.
    if (instance.defaults !== undefined) Object.assign(instance.defaults.options, lean);
    return instance;
  }
}

/**
 * Puts a request on the wire with what the request is made of. got's own way gives Node thirty options more, none of them set, and the
 * agent copies them all twice.
 */
const send: RequestFunction = (url, { method, headers, agent }, callback) => {
  const { protocol, hostname, port, pathname, search } = url;
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const options = { protocol, host, port, path: pathname + search, method, headers, agent };
  // Looked up each time, as got does: that is where msw and tracing come in.
  const { request } = protocol === 'https:' ? https : http;
  return request(options as RequestOptions, callback);
};

/**
 * got knows of HEAD that nobody sends a body with it, though a proxy may have to (RFC 9110, 9.3.2). It is told of a GET, and Node of
 * a HEAD.
 */
const sendHead: RequestFunction = (url, options, callback) =>
  send(url, { ...options, method: 'HEAD' }, callback);

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
