import type { IncomingMessage } from 'node:http';
import got from 'got';
import CircuitBreaker from 'opossum';
import pRetry, { AbortError } from 'p-retry';
import { assertOk, firstDelayMs, JSON_TYPE, type MakeContestant, POSTED, POSTED_JSON } from './contestant.ts';
import { keepAlive } from './node-http.ts';

function instance(url: string, sockets: number) {
  return got.extend({
    prefixUrl: url,
    agent: { http: keepAlive(sockets) },
    retry: { limit: 0 },
    throwHttpErrors: false,
    responseType: 'json',
    timeout: { request: 8_000 },
  });
}

/** got with an instance of its own and a time limit, and nothing else. */
export const bareGot: MakeContestant = (url, { sockets }) => {
  const client = instance(url, sockets);
  return {
    get: async path => (await client.get(path.slice(1))).body,
    post: async path => (await client.post(path.slice(1), { json: POSTED })).body,
  };
};

/** The leanest that got itself can be had: everything constant in an instance, and the message behind its stream read by hand. */
export const streamingGot: MakeContestant = (url, { sockets }) => {
  const accepted = {
    accept: 'application/json',
    'accept-encoding': 'gzip, deflate, br',
    'user-agent': 'bench',
  };
  const client = got.extend({
    agent: { http: keepAlive(sockets) },
    retry: { limit: 0, methods: [], statusCodes: [], errorCodes: [] },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    strictContentLength: false,
    headers: accepted,
  });
  const length = String(Buffer.byteLength(POSTED_JSON));
  const data = (request: ReturnType<typeof client.stream>, body?: string) =>
    new Promise((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (message: IncomingMessage) => {
        const chunks: Buffer[] = [];
        // got waits for it to be readable, which would keep it from flowing.
        message.removeAllListeners('readable');
        message.on('data', (chunk: Buffer) => chunks.push(chunk));
        message.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
        message.resume();
      });
      if (body !== undefined) request.end(body);
    });
  return {
    get: path => data(client.stream(url + path)),
    post: path => {
      const headers = { ...accepted, ...JSON_TYPE, 'content-length': length };
      return data(client.stream(url + path, { method: 'POST', headers }), POSTED_JSON);
    },
  };
};

/** What a team writes today: p-retry around got, opossum around both. */
export const gluedGot: MakeContestant = (url, tuning) => {
  const client = instance(url, tuning.sockets);
  const retries = {
    retries: 2,
    minTimeout: firstDelayMs(tuning),
    maxTimeout: 5_000,
    randomize: !tuning.retryAtOnce,
  };
  type Send = () => Promise<{ statusCode: number; body: unknown }>;
  const withRetry = (send: Send) =>
    pRetry(async () => {
      const response = await send();
      assertOk(response.statusCode);
      if (response.statusCode >= 400) throw new AbortError(`status ${response.statusCode}`);
      return response.body;
    }, retries);
  const breaker = new CircuitBreaker(withRetry, BREAKER);
  return {
    get: path => breaker.fire(() => client.get(path.slice(1))),
    post: path => breaker.fire(() => client.post(path.slice(1), { json: POSTED })),
  };
};

/** opossum as a team sets it up: the bounds of holdfast's circuit. */
export const BREAKER = {
  timeout: false as const,
  errorThresholdPercentage: 50,
  volumeThreshold: 20,
  resetTimeout: 5_000,
  rollingCountTimeout: 30_000,
};
