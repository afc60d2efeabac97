import { Child } from './child.ts';
import { startNginx } from './nginx.ts';

/** The answering side of a job. */
export interface Server {
  readonly url: string;
  readonly software: string;
  /** Since its start. */
  traffic(): Promise<{ readonly requests: number; readonly connections: number }>;
  stop(): Promise<void>;
}

/** For plain calls: nginx where there is one, since it answers more than any contestant can ask; else node:http. */
export async function startServer(): Promise<Server> {
  return (await startNginx()) ?? (await startNodeServer());
}

export interface NodeServer extends Server {
  /** Resolves when so many calls of `/wait` have come in. */
  waiting(count: number): Promise<void>;
  /** Answers them. */
  release(): Promise<void>;
}

/** For everything that needs a server with a mind of its own. */
export async function startNodeServer(): Promise<NodeServer> {
  const child = new Child('./server-process.ts');
  const { port } = (await child.ready) as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    software: 'node:http',
    traffic: () => child.ask({}),
    waiting: async count => {
      await child.ask({ waiting: count });
    },
    release: async () => {
      await child.ask({ release: true });
    },
    stop: () => child.stop(),
  };
}

/** A client that opens a connection per request would be measured for something else. */
export async function verifyReuse(server: Server): Promise<void> {
  const { requests, connections } = await server.traffic();
  if (connections > Math.max(requests / 3, 2_000))
    throw new Error(`${connections} connections for ${requests} requests: not reused`);
}
