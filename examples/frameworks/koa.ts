import { once } from 'node:events';
import { isServiceClientError, problemResponse, ServiceClient } from 'holdfast';
import Koa from 'koa';
import { clientLeft } from './support/client-left.ts';
import { closeServer } from './support/close-server.ts';
import { type Gateway, run, urlOf } from './support/gateway.ts';

const VIDEO = /^\/videos\/([\w-]+)$/;
const FILE = /^\/videos\/[\w-]+\/file$/;

export async function start(serviceUrl: string, port = 0): Promise<Gateway> {
  const media = new ServiceClient({ name: 'media', baseUrl: serviceUrl });
  const app = new Koa();

  // #region koa-errors
  app.use((ctx, next) =>
    next().catch(error => {
      if (!isServiceClientError(error)) throw error;
      ctx.body = problemResponse(error);
    }),
  );

  // To Koa a client that leaves amid its upload is an error.
  app.on('error', (error, ctx) => ctx?.req.socket.destroyed || console.error(error));
  // #endregion

  // #region koa-routes
  app.use(async (ctx, next) => {
    const id = VIDEO.exec(ctx.path)?.[1];
    if (id === undefined) return await next();
    const { data } = await media.get('/videos/{id}', { params: { id }, signal: clientLeft(ctx.res) });
    ctx.body = data;
  });

  app.use(async (ctx, next) => {
    if (!FILE.test(ctx.path)) return await next();
    ctx.respond = false; // Koa leaves the answer to passthrough
    await media.passthrough(ctx.req, ctx.res);
  });
  // #endregion

  const server = app.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: urlOf(server),
    // #region koa-close
    async close() {
      await closeServer(server);
      await media.close();
    },
    // #endregion
  };
}

if (import.meta.main) await run(start);
