import assert from 'node:assert/strict';
import { ServiceClient } from 'holdfast';
import createClient from 'openapi-fetch';
import { sendJson, startUpstream } from '../upstream.ts';

await using upstream = await startUpstream((req, res, nth) => {
  if (nth === 1) sendJson(res, 503, {});
  else if (req.url === '/videos/7') sendJson(res, 200, { id: 7, title: 'A video' });
  else sendJson(res, 404, { message: 'no such video' });
});
const media = new ServiceClient({ name: 'media', baseUrl: upstream.url });

/** As `openapi-typescript` makes them of the service's description. */
interface Video {
  id: number;
  title: string;
}
interface Json<T> {
  content: { 'application/json': T };
}
interface paths {
  '/videos/{id}': {
    get: {
      parameters: { path: { id: number } };
      responses: { 200: Json<Video>; 404: Json<{ message: string }> };
    };
  };
}

// #region openapi-fetch
const api = createClient<paths>({ baseUrl: 'http://media', fetch: media.fetch });

const { data } = await api.GET('/videos/{id}', { params: { path: { id: 7 } } }); // a 503, a retry, a 200
console.log(data?.title); // typed by the description of the service

const { error } = await api.GET('/videos/{id}', { params: { path: { id: 8 } } }); // every status resolves
console.log(error?.message); // no such video
// #endregion

assert.deepEqual([data?.title, error?.message], ['A video', 'no such video']);
assert.equal(upstream.requests.length, 3);
await media.close();
