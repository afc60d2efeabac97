import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { sendJson, startUpstream } from '../../upstream.ts';
import type { StartGateway } from './gateway.ts';

const video = randomBytes(4 * 1024 * 1024);
const upload = randomBytes(1024 * 1024);

/** Plays a client of the gateway: a JSON call, two failures, a download and an upload, each checked. */
export async function show(start: StartGateway): Promise<void> {
  let uploaded: Buffer | undefined;
  await using service = await startUpstream(async (req, res) => {
    if (req.method === 'PUT') {
      uploaded = Buffer.concat(await req.toArray());
      sendJson(res, 201, { bytes: uploaded.length });
    } else if (req.url === '/videos/7/file')
      res.writeHead(200, { 'content-length': video.length }).end(video);
    else if (req.url === '/videos/7') sendJson(res, 200, { id: 7, title: 'A video' });
    else sendJson(res, 404, { message: 'no such video' });
  });
  const gateway = await start(service.url);

  const json = await fetch(`${gateway.url}/videos/7`);
  console.log('json    ', json.status, await json.text());
  assert.equal(json.status, 200);

  const missing = await problemOf(`${gateway.url}/videos/8`);
  assert.deepEqual([missing.status, missing.detail], [404, 'no such video']);

  const download = await fetch(`${gateway.url}/videos/7/file`);
  const bytes = await download.bytes();
  console.log('download', download.status, bytes.length, 'bytes');
  assert.ok(video.equals(bytes));

  const put = await fetch(`${gateway.url}/videos/9/file`, { method: 'PUT', body: upload });
  console.log('upload  ', put.status, await put.text());
  assert.ok(put.status === 201 && uploaded?.equals(upload));

  await service[Symbol.asyncDispose]();
  const down = await problemOf(`${gateway.url}/videos/7`);
  assert.deepEqual([down.status, down.detail], [503, 'media service unavailable']);
  await gateway.close();
}

async function problemOf(url: string): Promise<{ status: number; detail?: string }> {
  const response = await fetch(url);
  const problem = (await response.json()) as { status: number; detail?: string };
  console.log('problem ', response.status, problem);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  return problem;
}
