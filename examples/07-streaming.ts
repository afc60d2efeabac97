import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ServiceClient } from 'holdfast';
import { sendJson, startUpstream } from './upstream.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const video = Buffer.alloc(8 * 1024 * 1024, 'holdfast ');
let uploads = 0;
await using upstream = await startUpstream((req, res, nth) => {
  if (req.method === 'GET') {
    if (nth === 1) res.socket?.resetAndDestroy();
    else res.writeHead(200, { 'content-length': video.length }).end(video);
    return;
  }
  const hash = createHash('sha256');
  req.on('data', chunk => hash.update(chunk));
  req.on('end', () => sendJson(res, ++uploads === 1 ? 503 : 200, { sha256: hash.digest('hex') }));
});
const folder = await mkdtemp(join(tmpdir(), 'holdfast-example-'));
const [file, source] = [join(folder, 'video.mp4'), join(folder, 'upload.mp4')];
await writeFile(source, video);
const media = new ServiceClient({ name: 'media', baseUrl: upstream.url });

// #region download
const response = await media.stream('GET', '/download/{id}', { params: { id: 'abc' } });
console.log(response.status, response.headers['content-length'], 'bytes to come');

await pipeline(response.body, createWriteStream(file)); // with backpressure: nothing is held in memory
const { bytes, durationMs, bytesPerSecond } = await response.completed;
// #endregion
console.log({ bytes, durationMs, bytesPerSecond }, `${response.attempts.length} attempts until the head`);
assert.equal(sha256(await readFile(file)), sha256(video));
assert.equal(response.attempts.length, 2, 'a reset before the head is retried');

// #region upload
const { size } = await stat(source);
const { data, attempts } = await media.put<{ sha256: string }>('/videos/{id}', {
  params: { id: 'abc' },
  body: () => createReadStream(source), // a function, so that a retry can read it from the start
  bodyBytes: size,
});
// #endregion
console.log(data, `${attempts.length} attempts`);
assert.equal(data.sha256, sha256(video));
assert.equal(attempts.length, 2);
await media.close();
await rm(folder, { recursive: true });
