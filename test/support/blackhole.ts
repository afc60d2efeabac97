import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Listens, tells its port, then blocks for good: the kernel queues a connection or two and drops the rest. */
const LISTEN_AND_BLOCK = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** Connects that fill a backlog of 1. */
const FILLERS = 4;
/** Longer than a connect on the loopback takes on a busy machine. */
const HANGS_MS = 150;

export interface Blackhole extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A port whose connects never complete and never fail. */
export async function startBlackhole(): Promise<Blackhole> {
  const child = spawn(process.execPath, ['-e', LISTEN_AND_BLOCK], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await once(child.stdout, 'data');
  const port = Number(printed);
  const fillers: Socket[] = [];
  for (let count = 0; count < FILLERS; count++) fillers.push(quietConnect(port));
  while (await connects(port, fillers)) {
    // The queue had room for one more, which now fills it.
  }
  const close = async () => {
    for (const socket of fillers) socket.destroy();
    const exited = once(child, 'exit');
    if (child.kill('SIGKILL')) await exited;
  };
  return { url: `http://127.0.0.1:${port}`, port, close, [Symbol.asyncDispose]: close };
}

function quietConnect(port: number): Socket {
  return connect({ port, host: '127.0.0.1' })
    .on('error', () => {})
    .unref();
}

/** Whether one more connect succeeds; it is kept either way. */
async function connects(port: number, fillers: Socket[]): Promise<boolean> {
  const socket = quietConnect(port);
  fillers.push(socket);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), HANGS_MS);
  socket.once('connect', () => resolve(true));
  const connected = await promise;
  clearTimeout(timer);
  return connected;
}
