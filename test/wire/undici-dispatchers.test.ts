import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, ProxyAgent } from 'undici';
import { expect, test } from 'vitest';
import { undiciTransport } from '../../src/undici/index.ts';
import { startServer } from '../support/http-server.ts';
import { openClient } from './open-client.ts';

test('calls go through a proxy', async () => {
  await using server = await startServer();
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (req, socket) => {
    asked.push(String(req.url));
    const upstream = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [socket, upstream]) end.on('error', () => {});
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as { port: number };
  const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${port}`, proxyTunnel: true });
  await using client = openClient('http://users.test', { transport: undiciTransport({ dispatcher }) });
  expect((await client.get('/users/7')).status).toBe(200);
  expect(asked).toEqual(['users.test:80']);
  expect(server.requests).toMatchObject([{ url: '/users/7' }]);
  await dispatcher.destroy();
  proxy.close();
});

test('calls go to a Unix socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  const socketPath = join(folder, 'users.sock');
  const server = createServer((_req, res) => res.end('from the socket'));
  await once(server.listen(socketPath), 'listening');
  const dispatcher = new Agent({ connect: { socketPath } });
  await using client = openClient('http://users.test', { transport: undiciTransport({ dispatcher }) });
  expect((await client.get('/', { responseType: 'text' })).data).toBe('from the socket');
  await dispatcher.destroy();
  server.close();
  await rm(folder, { recursive: true });
});
