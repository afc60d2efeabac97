import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceClient } from '../../../src/index.ts';

/** A gateway in front of the services whose URLs are its arguments. Tells how each passthrough went, and how large it is itself when asked. */
const client = new ServiceClient({ name: 'media', endpoints: process.argv.slice(2) });

const server = createServer(async (req, res) => {
  const { status, bytesSent, resumes, error } = await client.passthrough(req, res, { resume: true });
  process.send?.({ result: { status, bytesSent, resumes, error: error && String(error) } });
});

let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 10);

process.on('message', () => {
  process.send?.({ rss: process.memoryUsage.rss(), peak });
});

server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
