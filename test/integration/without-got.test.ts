import { Duplex } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { settlePromises } from '../support/manual-clock.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './test-client.ts';

vi.mock('got', () => {
  const stream = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const instance = { extend: () => instance, stream };
  return { default: instance };
});

test('a got that sends nothing leaves the server without a request: nothing else puts calls on the wire', async () => {
  await using server = await startServer();
  const { client, clock } = openClient({ baseUrl: server.url, timeout: { totalMs: 1000 } });
  const calls = [
    client.get('/'),
    client.post('/', { json: 1 }),
    client.stream('GET', '/'),
    client.fetch('/'),
  ];
  const errors = calls.map(rejectionOf);
  await settlePromises();
  await clock.advance(1000);
  for (const error of await Promise.all(errors))
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
  expect(server.connections).toBe(0);
});
