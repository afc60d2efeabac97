import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { ServiceClient } from 'holdfast';
import { startUpstream } from './upstream.ts';

let forwardedFor: unknown;
await using upstream = await startUpstream((req, res) => {
  forwardedFor = req.headers['x-forwarded-for'];
  if (req.url === '/v1/gone') res.socket?.destroy();
  else if (req.method === 'POST') req.pipe(res.writeHead(201, { 'x-quality': '1080p' }));
  else res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('a video'));
});
const media = new ServiceClient({ name: 'media', baseUrl: `${upstream.url}/v1`, retry: false });

// #region passthrough
const gateway = createServer(async (req, res) => {
  const { status, bytesSent, error } = await media.passthrough(req, res, {
    headers: { 'x-gateway': 'edge-1' },
    dropRequestHeaders: ['cookie'],
    dropResponseHeaders: ['server'],
  });
  console.log(req.method, req.url, status, `${bytesSent} bytes`, error instanceof Error ? error.message : '');
});
// #endregion
await once(gateway.listen(0, '127.0.0.1'), 'listening');
const gatewayUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;

const got = await fetch(`${gatewayUrl}/download/7`);
assert.equal(await got.text(), 'a video');
assert.equal(forwardedFor, '127.0.0.1');

const posted = await fetch(`${gatewayUrl}/videos`, { method: 'POST', body: 'bytes both ways' });
assert.deepEqual([posted.status, posted.headers.get('x-quality')], [201, '1080p']);
assert.equal(await posted.text(), 'bytes both ways');

const failed = await fetch(`${gatewayUrl}/gone`);
assert.equal(failed.headers.get('content-type'), 'application/problem+json');
console.log(await failed.json());

// #region fetch
const { fetch: mediaFetch } = media; // bound: hand it to any client that takes a fetch
const answer = await mediaFetch('http://media/download/7'); // or '/download/7'
console.log(answer.status, await answer.text());
// #endregion
assert.equal(answer.status, 200);
gateway.close();
await media.close();
