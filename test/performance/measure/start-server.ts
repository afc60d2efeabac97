import { fork } from 'node:child_process';
import { once } from 'node:events';

/** The URL of a server in a process of its own, so that its work is not counted. */
export async function startServer(): Promise<string> {
  const child = fork(new URL('./answering-server.ts', import.meta.url));
  const [port] = await once(child, 'message');
  child.unref();
  child.channel?.unref();
  return `http://127.0.0.1:${port}`;
}
