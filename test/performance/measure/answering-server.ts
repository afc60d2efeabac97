import http from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Answers everything with some 300 B of JSON, until the process that started it is gone. `/last` is answered as the last on its connection,
 * `/held` when somebody asks for `/release`.
 */
const body = Buffer.from(JSON.stringify({ id: 7, name: 'Ada', text: 'x'.repeat(260) }));
const headers = { 'content-type': 'application/json', 'content-length': body.length };
const held = Promise.withResolvers<void>();

const server = http.createServer({ keepAliveTimeout: 60_000 }, async (req, res) => {
  req.resume();
  if (req.url === '/held') await held.promise;
  else if (req.url === '/release') held.resolve();
  res.writeHead(200, req.url === '/last' ? { ...headers, connection: 'close' } : headers);
  res.end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
