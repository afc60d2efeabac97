import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MIB, VOLUME_BYTES, volume } from './volume-content.ts';

/** Serves the volume with ranges, and sums up what is uploaded; its argument is its port. A process, so that it can be killed. */
const server = createServer((req, res) => {
  process.send?.({ request: req.headers.range ?? 'whole' });
  return req.method === 'PUT' ? takeUpload(req, res) : sendVolume(req, res);
});

async function sendVolume(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const first = Number(/^bytes=(\d+)-$/.exec(req.headers.range ?? '')?.[1] ?? 0);
  const partial = first > 0 && { 'content-range': `bytes ${first}-${VOLUME_BYTES - 1}/${VOLUME_BYTES}` };
  const length = VOLUME_BYTES - first;
  res.writeHead(partial ? 206 : 200, { etag: '"volume"', 'content-length': length, ...partial });
  for (const block of volume(first)) {
    if (res.destroyed) return;
    if (!res.write(block)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
  }
  res.end();
}

/** Stands still after the first MiB until it is told to go on. */
async function takeUpload(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  let stopped = false;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    if (bytes < MIB || stopped) continue;
    stopped = true;
    process.send?.({ request: 'stopped' });
    await once(process, 'message');
  }
  res.end(JSON.stringify({ bytes, sum: hash.digest('hex') }));
}

server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
