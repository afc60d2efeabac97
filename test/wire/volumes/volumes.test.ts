import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { beforeAll, expect, test } from 'vitest';
import { Child } from './child.ts';
import { MIB, VOLUME_BYTES, volume, volumeSum } from './volume-content.ts';

/** What a gateway may grow by, far less than what goes through it. */
const MAX_GROWTH_BYTES = 128 * MIB;
const TIME_LIMIT_MS = 60_000;

let expectedSum: string;

beforeAll(() => {
  expectedSum = volumeSum();
});

/** So that what every process grows by at first is not counted. */
async function warmed(gateway: Child): Promise<number> {
  for (let count = 0; count < 20; count++) {
    const told = gateway.messages.length;
    const [message] = (await once(get(`${gateway.url}/`), 'response')) as [IncomingMessage];
    await once(message, 'data');
    message.destroy();
    await gateway.told(({ result }) => result !== undefined, told);
  }
  return (await gateway.memory()).rss;
}

test(
  'a download whose server is killed three times on the way arrives as if nothing had happened',
  async () => {
    await using one = await Child.start('./upstream-process.ts', '0');
    await using two = await Child.start('./upstream-process.ts', '0');
    await using gateway = await Child.start('./gateway-process.ts', one.url, two.url);
    const before = await warmed(gateway);
    const told = gateway.messages.length;
    for (const { messages } of [one, two]) messages.length = 1;

    const req = get(`${gateway.url}/volume`);
    const [message] = (await once(req, 'response')) as [IncomingMessage];
    expect(message.headers['content-length']).toBe(String(VOLUME_BYTES));
    const hash = createHash('sha256');
    let bytes = 0;
    let kills = 0;
    let restarted: Promise<void> | undefined;
    let serving = one.messages.length > 1 ? one : two;
    for await (const chunk of message as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      if (kills === 3 || bytes < ((kills + 1) * VOLUME_BYTES) / 4) continue;
      kills++;
      // The other one must be there to go on.
      await restarted;
      restarted = serving.killAndRestart();
      serving = serving === one ? two : one;
    }
    await restarted;

    expect([bytes, kills, hash.digest('hex')]).toEqual([VOLUME_BYTES, 3, expectedSum]);
    const { result } = await gateway.told(({ result }) => result !== undefined, told);
    expect(result).toEqual({ status: 200, bytesSent: VOLUME_BYTES, resumes: 3 });
    const ranges = [one, two].flatMap(({ messages }) => messages.map(({ request }) => request));
    expect(ranges.filter(range => range?.startsWith('bytes='))).toHaveLength(3);
    const { peak } = await gateway.memory();
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
  },
  TIME_LIMIT_MS,
);

test(
  'an upload goes as fast as it is taken, and the gateway holds next to nothing of it',
  async () => {
    await using upstream = await Child.start('./upstream-process.ts', '0');
    await using gateway = await Child.start('./gateway-process.ts', upstream.url);
    const before = await warmed(gateway);

    const req: ClientRequest = request(`${gateway.url}/volume`, {
      method: 'PUT',
      headers: { 'content-length': VOLUME_BYTES },
    });
    let written = 0;
    const count = (length: number) => {
      written += length;
    };
    const source = Readable.from(counted(volume(), count), { objectMode: false });
    const sent = pipeline(source, req);
    const answered = once(req, 'response');
    await upstream.told(({ request }) => request === 'stopped');
    expect(await untilStill(() => written)).toBeLessThan(64 * MIB);
    upstream.nudge();
    await sent;
    const [message] = (await answered) as [IncomingMessage];
    expect(JSON.parse(String(Buffer.concat(await message.toArray())))).toEqual({
      bytes: VOLUME_BYTES,
      sum: expectedSum,
    });
    const { peak } = await gateway.memory();
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
  },
  TIME_LIMIT_MS,
);

function* counted(blocks: Iterable<Buffer>, count: (length: number) => void): Generator<Buffer> {
  for (const block of blocks) {
    count(block.length);
    yield block;
  }
}

/** The value once it has not changed for a while. */
async function untilStill(value: () => number, quietMs = 300): Promise<number> {
  for (let last = -1; last !== value(); ) {
    last = value();
    await new Promise(resolve => setTimeout(resolve, quietMs));
  }
  return value();
}
