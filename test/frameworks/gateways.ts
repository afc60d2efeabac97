import { start as express } from '../../examples/frameworks/express.ts';
import { start as fastify } from '../../examples/frameworks/fastify.ts';
import { start as hono } from '../../examples/frameworks/hono.ts';
import { start as koa } from '../../examples/frameworks/koa.ts';
import { start as nest } from '../../examples/frameworks/nest.ts';
import type { StartGateway } from '../../examples/frameworks/support/gateway.ts';
import { type Handler, startServer, type TestServer } from '../support/http-server.ts';

/** Hono comes last: it puts its own Request and Response in the place of the global ones. */
export const GATEWAYS: readonly (readonly [name: string, start: StartGateway])[] = [
  ['Express', express],
  ['Fastify', fastify],
  ['Koa', koa],
  ['Nest', nest],
  ['Hono', hono],
];

/** The gateway of one framework, and the service behind it. */
export interface Line extends AsyncDisposable {
  readonly upstream: TestServer;
  readonly url: string;
  readonly port: number;
}

export async function startLine(start: StartGateway, handler?: Handler): Promise<Line> {
  const upstream = await startServer(handler);
  const gateway = await start(upstream.url);
  return {
    upstream,
    url: gateway.url,
    port: Number(new URL(gateway.url).port),
    async [Symbol.asyncDispose]() {
      upstream.dropConnections();
      await gateway.close();
      await upstream.close();
    },
  };
}
