import assert from 'node:assert/strict';
import { ServiceClient } from 'holdfast';
import ky, { HTTPError } from 'ky';
import { sendJson, startUpstream } from '../upstream.ts';

await using upstream = await startUpstream((req, res, nth) => {
  if (nth === 1) sendJson(res, 503, {});
  else if (req.method === 'PUT') req.pipe(res.writeHead(200, { 'content-type': 'application/json' }));
  else sendJson(res, 404, { message: 'no such video' });
});
const media = new ServiceClient({ name: 'media', baseUrl: upstream.url });

// #region ky
const api = ky.create({
  prefixUrl: 'http://media',
  fetch: media.fetch,
  retry: 0, // both are the client's business: two that retry multiply
  timeout: false,
});

const video = await api.put('videos/7', { json: { title: 'A video' } }).json<{ title: string }>();
console.log(video.title); // after a 503 and a retry

try {
  await api.get('videos/8');
} catch (error) {
  if (!(error instanceof HTTPError)) throw error; // ky's own for a status, holdfast's for all below one
  console.log(error.response.status, await error.response.json());
}
// #endregion

assert.equal(video.title, 'A video');
assert.deepEqual(upstream.requests, ['PUT /videos/7', 'PUT /videos/7', 'GET /videos/8']);
await media.close();
