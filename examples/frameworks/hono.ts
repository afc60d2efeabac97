import { once } from 'node:events';
import type { Server } from 'node:http';
import { type HttpBindings, serve } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { isServiceClientError, problemResponse, ServiceClient } from 'holdfast';
import { Hono } from 'hono';
import { closeServer } from './support/close-server.ts';
import { type Gateway, run, urlOf } from './support/gateway.ts';

export async function start(serviceUrl: string, port = 0): Promise<Gateway> {
  const media = new ServiceClient({ name: 'media', baseUrl: serviceUrl });
  const app = new Hono<{ Bindings: HttpBindings }>();

  // #region hono-routes
  app.get('/videos/:id', async c => {
    const { data } = await media.get('/videos/{id}', { params: c.req.param(), signal: c.req.raw.signal });
    return c.json(data as object);
  });

  // On any runtime: a Request goes in, a Response comes out.
  app.get('/videos/:id/file', c => media.fetch(new Request(`http://media${c.req.path}`, c.req.raw)));

  // On Node: everything as it is on the wire, both ways.
  app.put('/videos/:id/file', async c => {
    await media.passthrough(c.env.incoming, c.env.outgoing);
    return RESPONSE_ALREADY_SENT;
  });
  // #endregion

  // #region hono-errors
  app.onError(error => {
    if (isServiceClientError(error)) return problemResponse(error);
    throw error;
  });
  // #endregion

  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server;
  await once(server, 'listening');
  return {
    url: urlOf(server),
    // #region hono-close
    async close() {
      await closeServer(server);
      await media.close();
    },
    // #endregion
  };
}

if (import.meta.main) await run(start);
