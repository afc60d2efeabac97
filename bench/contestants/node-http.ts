import http from 'node:http';
import { JSON_TYPE, type MakeContestant, POSTED_JSON } from './contestant.ts';

export const keepAlive = (maxSockets: number) =>
  new http.Agent({ keepAlive: true, maxSockets, scheduling: 'lifo' });

/** node:http by hand: the floor under everything that is built on it. */
export const nodeHttp: MakeContestant = (url, { sockets }) => {
  const agent = keepAlive(sockets);
  const { hostname, port } = new URL(url);
  const send = (method: string, path: string, body?: string) =>
    new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { ...JSON_TYPE, 'content-length': Buffer.byteLength(body) };
      const request = http.request({ hostname, port, path, method, agent, headers }, response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  return { get: path => send('GET', path), post: path => send('POST', path, POSTED_JSON) };
};
