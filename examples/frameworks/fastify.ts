import Fastify from 'fastify';
import { isServiceClientError, problemResponse, ServiceClient } from 'holdfast';
import { closeServer } from './support/close-server.ts';
import { type Gateway, run } from './support/gateway.ts';

export async function start(serviceUrl: string, port = 0): Promise<Gateway> {
  const media = new ServiceClient({ name: 'media', baseUrl: serviceUrl });
  // What has been accepted is served, also while closing.
  const app = Fastify({ return503OnClosing: false });

  // #region fastify-errors
  app.setErrorHandler((error, _req, reply) =>
    reply.send(isServiceClientError(error) ? problemResponse(error) : error),
  );
  // #endregion

  // #region fastify-routes
  app.get<{ Params: { id: string } }>('/videos/:id', async ({ params, signal }) => {
    const { data } = await media.get('/videos/{id}', { params, signal });
    return data;
  });

  app.register((files, _options, registered) => {
    // Here bodies are passed on, not read.
    files.removeAllContentTypeParsers();
    files.addContentTypeParser('*', (_req, _body, done) => done(null));
    files.all('/videos/:id/file', (req, reply) => {
      reply.hijack();
      return media.passthrough(req.raw, reply.raw);
    });
    registered();
  });
  // #endregion

  // #region fastify-close
  app.addHook('onClose', () => media.close()); // runs when the last answer is out
  // #endregion

  return {
    url: await app.listen({ port, host: '127.0.0.1' }),
    close: () => closeServer(app.server, () => app.close()),
  };
}

if (import.meta.main) await run(start);
