import http from 'node:http';
import { pipeline } from 'node:stream';
import fastify from 'fastify';
import got, { type Request } from 'got';
import { ServiceClient } from 'holdfast';
import { undiciTransport } from 'holdfast/undici';
import { AS_USUAL } from './contestant.ts';
import { keepAlive } from './node-http.ts';

/** Starts a gateway in front of `upstream` and resolves to its server. */
export type MakeGateway = (upstream: string) => Promise<http.Server> | http.Server;

/** node:http by hand: the floor. */
const rawPipe: MakeGateway = upstream => {
  const { hostname, port } = new URL(upstream);
  const agent = keepAlive(AS_USUAL.sockets);
  return http.createServer((req, res) => {
    const { method, url: path, headers } = req;
    const request = http.request({ hostname, port, method, path, headers, agent }, answer => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    request.on('error', () => res.destroy());
    req.pipe(request);
  });
};

type Forward = (body: Request, res: http.ServerResponse) => void;

/** Streams of got by hand, which copy status and headers to the response that they are led into. */
const gotStream =
  (forward: Forward): MakeGateway =>
  upstream => {
    const client = got.extend({
      agent: { http: keepAlive(AS_USUAL.sockets) },
      decompress: false,
      throwHttpErrors: false,
      retry: { limit: 0 },
    });
    return http.createServer((req, res) => forward(client.stream(upstream + req.url), res));
  };

/** Does not notice a client that leaves. */
const piped: Forward = (body, res) => {
  body.on('error', () => res.destroy()).pipe(res);
};

const inPipeline: Forward = (body, res) => {
  pipeline(body, res, () => {});
};

const replyFrom: MakeGateway = async upstream => {
  const app = fastify();
  await app.register(import('@fastify/reply-from'), { base: upstream });
  app.all('/*', (request, reply) => reply.from(request.url));
  await app.ready();
  return app.server;
};

const httpProxy: MakeGateway = async upstream => {
  const { default: proxies } = await import('http-proxy');
  const proxy = proxies.createProxyServer({ target: upstream, agent: keepAlive(AS_USUAL.sockets) });
  return http.createServer((req, res) => proxy.web(req, res, {}, () => res.destroy()));
};

const httpxy: MakeGateway = async upstream => {
  const { createProxyServer } = await import('httpxy');
  const proxy = createProxyServer({ target: upstream, agent: keepAlive(AS_USUAL.sockets) });
  return http.createServer((req, res) => {
    proxy.web(req, res).catch(() => res.destroy());
  });
};

const holdfast =
  (transport?: () => ReturnType<typeof undiciTransport>): MakeGateway =>
  upstream => {
    const extra = transport === undefined ? {} : { transport: transport() };
    const client = new ServiceClient({ name: 'upstream', baseUrl: upstream, ...extra });
    return http.createServer((req, res) => {
      client.passthrough(req, res).catch(() => res.destroy());
    });
  };

/** Everybody in the race, by the name in the table. */
export const GATEWAYS: Readonly<Record<string, MakeGateway>> = {
  'raw node:http pipe': rawPipe,
  'got.stream, piped': gotStream(piped),
  'got.stream in a pipeline': gotStream(inPipeline),
  '@fastify/reply-from': replyFrom,
  'http-proxy': httpProxy,
  httpxy,
  'holdfast (got)': holdfast(),
  'holdfast (undici)': holdfast(undiciTransport),
};
