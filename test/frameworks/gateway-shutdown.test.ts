import { randomBytes } from 'node:crypto';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { sendJson, startServer } from '../support/http-server.ts';
import { RawClient } from '../support/raw-client.ts';
import { ask } from '../wire/passthrough-gateway.ts';
import { GatewayProcess } from './gateway-process.ts';

const CALLS = 20;
const FILE = '/videos/7/file';
const HALF = 4 * 1024 * 1024;

describe.each(['express', 'fastify', 'koa', 'hono', 'nest'])('%s', example => {
  test('finishes on SIGTERM all that has come, and ends', async () => {
    const [video, upload] = [randomBytes(2 * HALF), randomBytes(HALF)];
    const open = Promise.withResolvers<void>();
    let received: Buffer | undefined;
    await using upstream = await startServer(async (req, res) => {
      if (req.url === '/videos/ready') return sendJson(res, { ready: true });
      const isDownload = req.method === 'GET' && req.url === FILE;
      if (isDownload) res.writeHead(200, { 'content-length': video.length }).write(video.subarray(0, HALF));
      await open.promise;
      if (isDownload) return res.end(video.subarray(HALF));
      if (req.method === 'PUT') received = Buffer.concat(await req.toArray());
      sendJson(res, { asked: req.url });
    });
    await using gateway = await GatewayProcess.start(example, upstream.url);
    const { port } = gateway;

    // A client that keeps its connections open for as long as it may: it must not hold the process up.
    const agent = new Agent({ keepAlive: true });
    const calls = Array.from({ length: CALLS }, (_, id) => status(port, `/videos/${id}`, agent));
    const download = ask(port, { path: FILE });
    const put = ask(port, { method: 'PUT', path: FILE, body: upload });
    await upstream.received(CALLS + 2);
    await using slow = new RawClient(port);
    slow.send('GET /videos/late HTTP/1.1\r\nHost: a\r\n');
    // Its answer shows that the half request before it has been read.
    expect(await status(port, '/videos/ready', agent)).toBe(200);

    gateway.signal('SIGTERM');
    await refusing(port);
    slow.send('\r\n');
    await upstream.received(CALLS + 4);
    open.resolve();

    expect(await Promise.all(calls)).toEqual(Array(CALLS).fill(200));
    expect((await download).body.equals(video)).toBe(true);
    expect((await put).status).toBe(200);
    expect(received?.equals(upload)).toBe(true);
    expect(await slow.until('late')).toMatch(/^HTTP\/1\.1 200 /);
    const answeredAt = performance.now();
    expect(await gateway.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - answeredAt).toBeLessThan(3_000);
    agent.destroy();
  });
});

function status(port: number, path: string, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const req = get({ port, host: '127.0.0.1', path, agent }, response => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    req.on('error', reject);
  });
}

/** Resolves as soon as no new connection is taken. */
async function refusing(port: number): Promise<void> {
  for (;;) {
    const refused = await new Promise<boolean>(resolve => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', () => resolve(true));
      socket.on('connect', () => {
        socket.destroy();
        resolve(false);
      });
    });
    if (refused) return;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
