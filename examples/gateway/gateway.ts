import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { deadlineFrom, runInContext, type ServiceClient, sendProblem } from 'holdfast';
import { z } from 'zod';
import { readJson, sendJson } from './json-body.ts';

/** What this gateway relies on. An answer without it is a 502 here, not half an object at the client. */
const VideoInfo = z.looseObject({ id: z.string(), title: z.string() });

/** Three routes in front of the YouTube service. Everything that can go wrong behind them is holdfast's business. */
export function createGateway(youtube: ServiceClient): Server {
  return createServer((req, res) => {
    const requestId = String(req.headers['x-request-id'] ?? randomUUID());
    // Every call made in here carries the id on, and ends when the client's own deadline does.
    void runInContext({ requestId, deadline: deadlineFrom(req) }, () =>
      answer(youtube, req, res).catch(error => sendProblem(res, error)),
    );
  });
}

async function answer(youtube: ServiceClient, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { method, url = '/' } = req;
  if (method === 'POST' && url === '/info') return await info(youtube, req, res);
  if (url.startsWith('/download/')) return await download(youtube, req, res);
  if (method === 'GET' && url === '/health') return health(youtube, res);
  sendJson(res, 404, { message: 'try POST /info, GET /download/{id} or GET /health' });
}

/** A call with a typed answer. Reading what a video is about does no harm twice, so this POST may be sent again. */
async function info(youtube: ServiceClient, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const json = await readJson(req);
  if (json === undefined) return sendJson(res, 400, { message: 'expected a small JSON body' });
  const result = await youtube.safe.post('/info', { json, schema: VideoInfo, idempotent: true });
  if (result.ok) sendJson(res, 200, result.data);
  else sendProblem(res, result.error);
}

/** Gigabytes go through here as they come: retried until the first byte, never held in memory, headers and all. */
async function download(youtube: ServiceClient, req: IncomingMessage, res: ServerResponse): Promise<void> {
  await youtube.passthrough(req, res);
}

/** What the probes and the traffic have told so far; asks nobody, so that it can be called as often as anyone likes. */
function health(youtube: ServiceClient, res: ServerResponse): void {
  const report = youtube.health();
  sendJson(res, report.status === 'down' ? 503 : 200, report);
}
