import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ANSWER } from './answer.ts';

/**
 * The answering side: as little work as node:http allows, at three addresses of loopback. Beside the plain answer it has
 * `/flaky/N` (503, then 200), `/wait` (answers when told to), `/last` (and closes), `/small` (300 B) and `/big?bytes=N`.
 */
type Handler = (res: ServerResponse, path: string) => unknown;

const head = { 'content-type': 'application/json', 'content-length': ANSWER.length };
const small = Buffer.alloc(300, 'x');
const chunk = Buffer.alloc(256 * 1024, 'x');
const failed = new Set<string>();
let waiting: ServerResponse[] = [];
let expected = { count: Number.POSITIVE_INFINITY };
let requests = 0;
let connections = 0;

const answer: Handler = res => res.writeHead(200, head).end(ANSWER);

/** The last of its connection. */
const last: Handler = res => res.writeHead(200, { ...head, connection: 'close' }).end(ANSWER);

const flaky: Handler = (res, path) => {
  if (failed.delete(path)) return answer(res, path);
  failed.add(path);
  return res.writeHead(503, { 'content-length': 0 }).end();
};

const wait: Handler = res => {
  waiting.push(res);
  tellWaiting();
};

const brief: Handler = res =>
  res.writeHead(200, { 'content-type': 'text/plain', 'content-length': small.length }).end(small);

const big: Handler = (res, path) => {
  let left = Number(path.slice(path.indexOf('=') + 1));
  res.writeHead(200, { 'content-type': 'video/mp4', 'content-length': left });
  const send = () => {
    while (left > 0) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= part.length;
      if (!res.write(part)) return res.once('drain', send);
    }
    return res.end();
  };
  send();
};

const HANDLERS: Readonly<Record<string, Handler>> = {
  u: answer,
  h: answer,
  f: flaky,
  s: brief,
  b: big,
  w: wait,
  l: last,
};

function tellWaiting(): void {
  if (waiting.length < expected.count) return;
  expected = { count: Number.POSITIVE_INFINITY };
  process.send?.({ waiting: waiting.length });
}

async function listen(host: string, port: number): Promise<number> {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
    requests++;
    req.resume();
    const path = req.url ?? '/';
    const handle = HANDLERS[path[1] ?? ''];
    if (handle === undefined) res.writeHead(404).end();
    else handle(res, path);
  });
  server.on('connection', () => connections++);
  server.listen(port, host, 4_096);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const port = await listen('127.0.0.1', 0);
await Promise.all([listen('127.0.0.2', port), listen('127.0.0.3', port)]);
process.on('message', (message: { waiting?: number; release?: true }) => {
  if (message.waiting !== undefined) {
    expected = { count: message.waiting };
    tellWaiting();
  } else if (message.release) {
    for (const res of waiting) answer(res, '');
    process.send?.({ released: waiting.length });
    waiting = [];
  } else process.send?.({ requests, connections });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
