import assert from 'node:assert/strict';
import { ServiceClient } from 'holdfast';
import { startUpstream } from './upstream.ts';

const video = Buffer.alloc(4 * 1024 * 1024, 'holdfast ');
const etag = '"v1"';

/** A service that knows ranges; the first answer of one that `breaks` stops halfway. */
const startInstance = (breaks: boolean) =>
  startUpstream((req, res, nth) => {
    const range = /^bytes=(\d+)-$/.exec(req.headers.range ?? '');
    const first = range && req.headers['if-range'] === etag ? Number(range[1]) : 0;
    const rest = video.subarray(first);
    const partial = first > 0 && { 'content-range': `bytes ${first}-${video.length - 1}/${video.length}` };
    res.writeHead(partial ? 206 : 200, { etag, 'content-length': rest.length, ...partial });
    if (!breaks || nth > 1) res.end(rest);
    else res.write(rest.subarray(0, video.length / 2), () => res.destroy());
  });
await using one = await startInstance(true);
await using two = await startInstance(false);

const media = new ServiceClient({
  name: 'media',
  endpoints: [one.url, two.url],
  loadBalancing: { strategy: 'round-robin' },
});

// #region resume
const { body, completed, attempts } = await media.stream('GET', '/download/7', { resume: true });
const chunks: Buffer[] = [];
for await (const chunk of body) chunks.push(chunk); // one unbroken body
const { bytes, resumes } = await completed;
console.log(`${bytes} bytes, resumed ${resumes} time`, attempts);
// #endregion
assert.ok(Buffer.concat(chunks).equals(video));
assert.equal(resumes, 1);
assert.deepEqual([one.requests.length, two.requests.length], [1, 1], 'the rest came from the other endpoint');
await media.close();
