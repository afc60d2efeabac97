import http from 'node:http';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import got from 'got';
import { ServiceClient } from 'holdfast';
import { undiciTransport } from 'holdfast/undici';
import { Agent, request, stream as undiciStream } from 'undici';
import { CROWD } from './contestant.ts';
import { options } from './holdfast.ts';
import { keepAlive } from './node-http.ts';

/** One way of reading a body as it arrives. */
export interface Streamer {
  /** Resolves at the head; whoever takes the body reads it, or not. */
  open?(path: string): Promise<Readable>;
  /** Resolves when the whole body is in the sink. */
  download(path: string, sink: Writable): Promise<unknown>;
}

type MakeStreamer = (url: string) => Streamer;

const opened = (open: (path: string) => Promise<Readable>): Streamer => ({
  open,
  download: async (path, sink) => pipeline(await open(path), sink),
});

const nodeHttp: MakeStreamer = url => {
  const agent = keepAlive(CROWD.sockets);
  return opened(
    path =>
      new Promise<Readable>((resolve, reject) => {
        http.get(url + path, { agent }, resolve).on('error', reject);
      }),
  );
};

const gotStream: MakeStreamer = url => {
  const agent = { http: keepAlive(CROWD.sockets) };
  const client = got.extend({ agent, throwHttpErrors: false, retry: { limit: 0 } });
  return opened(
    path =>
      new Promise<Readable>((resolve, reject) => {
        const body = client.stream(url + path);
        body.once('response', () => resolve(body));
        body.once('error', reject);
      }),
  );
};

const undiciRequest: MakeStreamer = url => {
  const dispatcher = new Agent({ connections: CROWD.sockets });
  return opened(async path => (await request(url + path, { dispatcher })).body);
};

const undiciWriter: MakeStreamer = url => {
  const dispatcher = new Agent({ connections: CROWD.sockets });
  return { download: (path, sink) => undiciStream(url + path, { method: 'GET', dispatcher }, () => sink) };
};

const nodeFetch: MakeStreamer = url =>
  opened(async path => {
    const { body } = await fetch(url + path);
    if (body === null) throw new Error('no body');
    return Readable.fromWeb(body);
  });

const holdfast =
  (transport?: typeof undiciTransport): MakeStreamer =>
  url => {
    const client = new ServiceClient({ name: 'media', baseUrl: url, ...options(CROWD, transport) });
    return opened(async path => (await client.stream('GET', path)).body);
  };

/** Everybody who streams, by the name in the tables. */
export const STREAMERS: Readonly<Record<string, MakeStreamer>> = {
  'node:http': nodeHttp,
  'got.stream': gotStream,
  'holdfast (got)': holdfast(),
  fetch: nodeFetch,
  'undici.request': undiciRequest,
  'undici.stream': undiciWriter,
  'holdfast (undici)': holdfast(undiciTransport),
};
