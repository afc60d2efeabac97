import http from 'node:http';
import { GET_PATH, JSON_TYPE, type MakeContestant, POST_PATH, POSTED_JSON } from './contestant.ts';

/** node:http by hand: the floor under everything that is built on it. */
export const nodeHttp: MakeContestant = url => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1_000, scheduling: 'lifo' });
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
  return {
    get: () => send('GET', GET_PATH),
    post: () => send('POST', POST_PATH, POSTED_JSON),
    close: () => agent.destroy(),
  };
};
