import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ANSWER } from './answer.ts';
import type { Server } from './server.ts';

const NGINX = process.env.NGINX ?? 'nginx';
const START_LIMIT_MS = 5_000;

/** nginx with one worker and the plain answer, at three addresses of loopback; `undefined` where it is not installed. */
export async function startNginx(): Promise<Server | undefined> {
  const version = await promisify(execFile)(NGINX, ['-v']).then(
    ({ stderr }) => stderr.trim().replace(/^.*nginx\//, 'nginx '),
    () => undefined,
  );
  if (version === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration(folder, port));
  const child = spawn(NGINX, ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  const traffic = async () => {
    const text = await (await fetch(`${url}/traffic`, { headers: { connection: 'close' } })).text();
    const [connections = 0, , requests = 0] = (/^ (\d+) (\d+) (\d+)/m.exec(text) ?? []).slice(1).map(Number);
    return { connections, requests };
  };
  const stop = async () => {
    if (child.exitCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    }
    await rm(folder, { recursive: true, force: true });
  };
  const limit = performance.now() + START_LIMIT_MS;
  while (
    !(await traffic().then(
      () => true,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || performance.now() > limit) {
      await stop();
      return undefined;
    }
  }
  return { url, software: version, traffic, stop };
}

const configuration = (folder: string, port: number) => `
daemon off;
worker_processes 1;
worker_rlimit_nofile 18000;
pid ${folder}/pid;
events { worker_connections 16000; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server_tokens off;
  keepalive_timeout 60s;
  keepalive_requests 1000000000;
  default_type application/json;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    listen 127.0.0.2:${port} backlog=4096;
    listen 127.0.0.3:${port} backlog=4096;
    location / { return 200 '${ANSWER}'; }
    location /traffic { stub_status; }
  }
}
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
