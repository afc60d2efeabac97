import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { answerParent, tellParent } from './child.ts';

export interface GatewayRequest {
  readonly method: string;
  readonly url: string;
  readonly requestId: string;
  readonly json?: unknown;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly durationMs: number;
}

export interface Downloaded extends GatewayAnswer {
  readonly bytes: number;
  readonly sha256: string;
}

/** News of a download under way. */
export interface Progress {
  readonly bytes: number;
  readonly total: number;
  readonly bytesPerSecond: number;
  /** The client has just stopped reading. */
  readonly pausing: boolean;
}

const PROGRESS_EVERY_MS = 100;

/** A user agent of plain node:http, without any holdfast: what it gets is what anybody would get. */
const agent = new Agent({ keepAlive: true });

async function send({ method, url, requestId, json }: GatewayRequest): Promise<IncomingMessage> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const type = body === undefined ? undefined : { 'content-type': 'application/json' };
  const outgoing = request(url, { agent, method, headers: { ...type, 'x-request-id': requestId } });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

async function readWhole(response: IncomingMessage, startedAt: number): Promise<GatewayAnswer> {
  const body = await text(response);
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, body, durationMs: performance.now() - startedAt };
}

const commands = {
  call: async (wanted: GatewayRequest): Promise<GatewayAnswer> => {
    const startedAt = performance.now();
    return await readWhole(await send(wanted), startedAt);
  },

  /** Reads a large body and takes its digest. Stops reading once, halfway, for `pauseMs`, which does not count as time. */
  download: async (wanted: GatewayRequest, pauseMs: number): Promise<Downloaded> => {
    let startedAt = performance.now();
    const response = await send(wanted);
    if (response.statusCode !== 200)
      return { ...(await readWhole(response, startedAt)), bytes: 0, sha256: '' };
    const total = Number(response.headers['content-length']);
    const hash = createHash('sha256');
    let bytes = 0;
    let paused = false;
    let toldAt = 0;
    const tell = (pausing = false) => {
      toldAt = performance.now();
      const bytesPerSecond = bytes / ((toldAt - startedAt) / 1_000);
      tellParent({ bytes, total, bytesPerSecond, pausing } satisfies Progress);
    };
    for await (const chunk of response as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      if (performance.now() - toldAt > PROGRESS_EVERY_MS) tell();
      if (paused || bytes < total / 2) continue;
      paused = true;
      tell(true);
      await setTimeout(pauseMs);
      startedAt += pauseMs;
    }
    tell();
    const durationMs = performance.now() - startedAt;
    return {
      status: 200,
      headers: response.headers,
      body: '',
      durationMs,
      bytes,
      sha256: hash.digest('hex'),
    };
  },
};

export type DriverCommands = typeof commands;

answerParent(commands);
