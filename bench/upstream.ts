import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers `/small` with 300 B and `/big?bytes=N` with N bytes, as fast as they are taken. */
const small = Buffer.alloc(300, 'x');
const chunk = Buffer.alloc(256 * 1024, 'x');

const server = http.createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
  const bytes = Number(new URL(req.url ?? '/', 'http://upstream').searchParams.get('bytes'));
  if (bytes === 0) {
    res.writeHead(200, { 'content-type': 'text/plain', 'content-length': small.length }).end(small);
    return;
  }
  res.writeHead(200, { 'content-type': 'video/mp4', 'content-length': bytes });
  let left = bytes;
  const send = () => {
    while (left > 0) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= part.length;
      if (!res.write(part)) return res.once('drain', send);
    }
    return res.end();
  };
  send();
});
server.listen(0, '127.0.0.1', 4_096);
await once(server, 'listening');
process.on('disconnect', () => process.exit(0));
process.send?.({ port: (server.address() as AddressInfo).port });
