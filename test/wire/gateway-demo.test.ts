import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceClient } from 'holdfast';
import { afterEach, expect, test } from 'vitest';
import { createGateway } from '../../examples/gateway/gateway.ts';
import { VIDEO_BYTES, videoChunks } from '../../examples/gateway/service/video.ts';
import { youtubeService } from '../../examples/gateway/service/youtube-service.ts';

const LINK = 'https://youtu.be/dQw4w9WgXcQ';

const servers: Server[] = [];
const clients: ServiceClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map(client => client.close({ graceMs: 0 })));
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

test('metadata comes through, and the request id reaches the service', async () => {
  const requestIds: unknown[] = [];
  const gateway = await gatewayFor((req, res) => {
    requestIds.push(req.headers['x-request-id']);
    return youtubeService(req, res);
  });
  const response = await info(gateway, LINK, { 'x-request-id': 'demo-7' });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ id: 'dQw4w9WgXcQ', sizeBytes: VIDEO_BYTES });
  expect(requestIds).toEqual(['demo-7']);
});

test("a bad url is answered 400 with the service's own message, after one request", async () => {
  let requests = 0;
  const gateway = await gatewayFor((req, res) => {
    requests++;
    return youtubeService(req, res);
  });
  const response = await info(gateway, 'https://example.com/cat.mp4');
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ detail: 'url must be a link to a YouTube video' });
  expect(requests).toBe(1);
});

test('a body that is no JSON, or too long to be meant, is answered 400 by the gateway itself', async () => {
  const gateway = await gatewayFor(() => expect.unreachable());
  for (const body of ['{"url":', JSON.stringify({ url: 'x'.repeat(1_000_000) })]) {
    const response = await fetch(`${gateway}/info`, { method: 'POST', body });
    expect(response.status).toBe(400);
  }
});

test('a download comes with its headers and the very bytes of the service', async () => {
  const gateway = await gatewayFor(youtubeService);
  const response = await fetch(`${gateway}/download/dQw4w9WgXcQ`);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'video/mp4',
    'content-length': String(VIDEO_BYTES),
    'content-disposition': 'attachment; filename="dQw4w9WgXcQ.mp4"',
    etag: '"dQw4w9WgXcQ-1"',
    'x-video-quality': '1080p',
  });
  // The whole of it, and its digest, are the demo's own business.
  const start: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    start.push(chunk);
    bytes += chunk.length;
    if (bytes > 1_000_000) break;
  }
  const expected: Buffer[] = [];
  for (const chunk of videoChunks('dQw4w9WgXcQ')) {
    if (expected.length * chunk.length > bytes) break;
    expected.push(Buffer.from(chunk));
  }
  expect(Buffer.concat(start).equals(Buffer.concat(expected).subarray(0, bytes))).toBe(true);
});

test('a POST that meets a 503 is sent again, as the service asks for it', async () => {
  let requests = 0;
  const gateway = await gatewayFor((req, res) => {
    if (++requests > 1) return youtubeService(req, res);
    res.writeHead(503, { 'retry-after': '0' }).end();
  });
  expect((await info(gateway, LINK)).status).toBe(200);
  expect(requests).toBe(2);
});

test('a service that is not there is a 503 that says so, and health tells of it once its circuit is open', async () => {
  const gateway = await gatewayFor((_req, res) => {
    res.socket?.resetAndDestroy();
  });
  expect((await fetch(`${gateway}/health`)).status).toBe(200);
  const response = await info(gateway, LINK);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ status: 503, detail: 'youtube service unavailable' });
  await info(gateway, LINK);
  const health = await fetch(`${gateway}/health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ status: 'down', endpoints: [{ circuit: 'open' }] });
});

/** The address of a gateway in front of a service that answers like this. */
async function gatewayFor(service: (req: IncomingMessage, res: ServerResponse) => unknown): Promise<string> {
  const baseUrl = await listen(
    createServer(async (req, res) => {
      await Promise.resolve(service(req, res)).catch(() => res.destroy());
    }),
  );
  const youtube = new ServiceClient({
    name: 'youtube',
    baseUrl,
    retry: { backoff: { baseDelayMs: 1, maxDelayMs: 5 } },
    circuitBreaker: { minThroughput: 5 },
  });
  clients.push(youtube);
  return await listen(createGateway(youtube));
}

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function info(gateway: string, url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway}/info`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ url }),
  });
}
