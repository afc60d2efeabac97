import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** The answering side, in a process of its own: as little work as node:http allows, at three addresses of loopback. */
const answer = Buffer.from(JSON.stringify({ id: 7, name: 'Ada', text: 'x'.repeat(262) }));
const head = { 'content-type': 'application/json', 'content-length': answer.length };
let requests = 0;
let connections = 0;

async function listen(host: string, port: number): Promise<number> {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
    requests++;
    req.resume();
    res.writeHead(200, head);
    res.end(answer);
  });
  server.on('connection', () => connections++);
  server.listen(port, host, 4_096);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const port = await listen('127.0.0.1', 0);
await Promise.all([listen('127.0.0.2', port), listen('127.0.0.3', port)]);
process.on('message', () => process.send?.({ requests, connections }));
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
