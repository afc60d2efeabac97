import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers everything with some 300 B of JSON, until the process that started it is gone. */
const body = Buffer.from(JSON.stringify({ id: 7, name: 'Ada', text: 'x'.repeat(260) }));
const headers = { 'content-type': 'application/json', 'content-length': body.length };

const server = http.createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
  req.resume();
  res.writeHead(200, req.url === '/last' ? { ...headers, connection: 'close' } : headers);
  res.end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
