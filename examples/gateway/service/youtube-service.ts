import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { readJson, sendJson } from '../json-body.ts';
import { VIDEO_BYTES, videoChunks, videoId } from './video.ts';

/** Digests of the videos sent so far, taken from the bytes as they left. */
const digests = new Map<string, string>();

/** The service behind the gateway. It knows nothing of gateways, retries or circuits: any service would do. */
export async function youtubeService(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { method, url = '/' } = req;
  if (method === 'POST' && url === '/info') return await info(req, res);
  if (method === 'GET' && url === '/health') return sendJson(res, 200, { status: 'ok' });
  const [, id, digest] = /^\/download\/([\w-]{6,20})(\/sha256)?$/.exec(url) ?? [];
  if (method !== 'GET' || id === undefined) return sendJson(res, 404, { message: 'no such video' });
  if (digest === undefined) await download(id, res);
  else sendJson(res, 200, { id, sha256: digests.get(id) ?? (await digestOf(id)) });
}

async function info(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = (await readJson(req)) as { url?: unknown } | null | undefined;
  const id = videoId(body?.url);
  if (id === undefined) return sendJson(res, 400, { message: 'url must be a link to a YouTube video' });
  const title = `A video called ${id}`;
  sendJson(res, 200, {
    id,
    title,
    durationSeconds: 213,
    sizeBytes: VIDEO_BYTES,
    download: `/download/${id}`,
  });
}

async function download(id: string, res: ServerResponse): Promise<void> {
  res.writeHead(200, {
    'content-type': 'video/mp4',
    'content-length': VIDEO_BYTES,
    'content-disposition': `attachment; filename="${id}.mp4"`,
    etag: `"${id}-1"`,
    'x-video-quality': '1080p',
  });
  const hash = createHash('sha256');
  const hashed = function* () {
    for (const chunk of videoChunks(id)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.from(hashed()), res);
  digests.set(id, hash.digest('hex'));
}

async function digestOf(id: string): Promise<string> {
  const hash = createHash('sha256');
  for (const chunk of videoChunks(id)) {
    hash.update(chunk);
    // Somebody else may want an answer meanwhile.
    await setImmediate();
  }
  return hash.digest('hex');
}
