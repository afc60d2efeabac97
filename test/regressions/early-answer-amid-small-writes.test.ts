import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ServiceClient } from '../../src/index.ts';

const UPLOADS = 10;

/** Chunks that come one by one, each while the upstream may be closing. */
async function* dripping(): AsyncGenerator<Buffer> {
  for (let chunk = 0; chunk < 20; chunk++) {
    yield Buffer.alloc(100_000);
    await wait(0);
  }
}

test('an early answer is read before anything more is written to a server that closes after it', async () => {
  const server = createServer((_req, res) => {
    res.writeHead(413, { connection: 'close' }).end('too large');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new ServiceClient({
    name: 'media',
    baseUrl: `http://127.0.0.1:${port}`,
    circuitBreaker: false,
  });

  const codes: unknown[] = [];
  for (let upload = 0; upload < UPLOADS; upload++) {
    const result = await client.safe.post('/', { body: Readable.from(dripping()) });
    codes.push(result.status);
  }

  expect(codes).toEqual(Array(UPLOADS).fill(413));
  await client.close({ graceMs: 0 });
  server.closeAllConnections();
  server.close();
});
