import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { ServiceClient, StreamResponse } from '../../src/index.ts';
import type { ResumeOption } from '../../src/request/resume-option.ts';
import type { AttemptRecord } from '../../src/retry/attempt-record.ts';
import { startServer } from '../support/http-server.ts';

/** Who reads: a caller of `stream`, or a client behind a passthrough, which hands over every status as it is. */
export type Way = 'stream' | 'passthrough';

export interface Download {
  /** What arrived, whole or not. */
  readonly bytes: Buffer;
  /** What the body failed with. */
  readonly error: unknown;
  readonly attempts: readonly AttemptRecord[];
  readonly resumes: number;
}

export interface DownloadOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly resume: ResumeOption;
}

/** Downloads `/` one way or the other, as far as it gets. */
export function download(way: Way, client: ServiceClient, options: DownloadOptions): Promise<Download> {
  return way === 'stream' ? byStream(client, options) : byPassthrough(client, options);
}

async function byStream(client: ServiceClient, options: DownloadOptions): Promise<Download> {
  const response: StreamResponse = await client.stream('GET', '/', options);
  const { bytes, error } = await readAll(response.body);
  const resumes = await response.completed.then(
    completion => completion.resumes,
    () => Number.NaN,
  );
  return { bytes, error, attempts: response.attempts, resumes };
}

/** Checks on the way that a client sees a broken body exactly when one broke. */
async function byPassthrough(client: ServiceClient, options: DownloadOptions): Promise<Download> {
  const { headers = {}, resume } = options;
  const result = Promise.withResolvers<Awaited<ReturnType<ServiceClient['passthrough']>>>();
  await using gateway = await startServer(async (req, res) => {
    result.resolve(client.passthrough(req, res, { resume }));
    await result.promise;
  });
  const req = request({ port: gateway.port, host: '127.0.0.1', agent: false, headers }).end();
  const [message] = (await once(req, 'response')) as [IncomingMessage];
  const { bytes, error: seen } = await readAll(message);
  const { error, attempts, resumes } = await result.promise;
  if ((seen === undefined) !== (error === undefined)) throw new Error(`seen ${seen}, told ${error}`);
  return { bytes, error, attempts, resumes };
}

async function readAll(body: AsyncIterable<Buffer>): Promise<{ bytes: Buffer; error: unknown }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
    return { bytes: Buffer.concat(chunks), error: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error };
  }
}
