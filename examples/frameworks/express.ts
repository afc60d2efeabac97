import { once } from 'node:events';
import express, { type ErrorRequestHandler } from 'express';
import { isServiceClientError, ServiceClient, sendProblem } from 'holdfast';
import { clientLeft } from './support/client-left.ts';
import { closeServer } from './support/close-server.ts';
import { type Gateway, run, urlOf } from './support/gateway.ts';

export async function start(serviceUrl: string, port = 0): Promise<Gateway> {
  const media = new ServiceClient({ name: 'media', baseUrl: serviceUrl });
  const app = express();

  // #region express-routes
  app.get('/videos/:id', async (req, res) => {
    const { params } = req;
    const { data } = await media.get('/videos/{id}', { params, signal: clientLeft(res) });
    res.json(data);
  });

  app.all('/videos/:id/file', (req, res) => media.passthrough(req, res)); // before any body parser
  // #endregion

  // #region express-errors
  const onError: ErrorRequestHandler = (error, _req, res, next) =>
    isServiceClientError(error) || res.destroyed ? sendProblem(res, error) : next(error);

  app.use(onError); // after the routes
  // #endregion

  const server = app.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: urlOf(server),
    // #region express-close
    async close() {
      await closeServer(server);
      await media.close();
    },
    // #endregion
  };
}

if (import.meta.main) await run(start);
