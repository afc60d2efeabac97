import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { onUndici } from '../support/chosen-transport.ts';
import { startServer } from '../support/http-server.ts';
import { startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

/** The table of docs/10-transports.md, row by row, on the transport that this run is about. */
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

test('tracing sees calls on the channels of what carries them', async () => {
  await using server = await startServer();
  await using client = openClient(server);
  const told: string[] = [];
  for (const name of ['http.client.request.start', 'undici:request:create']) {
    channel(name).subscribe(() => told.push(name));
  }
  await client.get('/');
  expect(told).toEqual([onUndici ? 'undici:request:create' : 'http.client.request.start']);
});

test('the head of a streamed upload leaves at once on got, with the first bytes on undici', async () => {
  await using server = await startRawServer(({ socket }) => socket.write(OK));
  await using client = openClient(server);
  const source = new PassThrough();
  const answer = client.post('/', { body: source });
  await once(server.server, 'connection');
  if (!onUndici) await server.received();
  // A turn after the connection is there, a head that was sent at once would have come.
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(server.requests).toBe(onUndici ? 0 : 1);
  source.end('late');
  expect((await answer).status).toBe(200);
});

test('an unasked 100 is passed over on got, and a malformed answer on undici', async () => {
  await using server = await startRawServer(CONTINUE + OK);
  await using client = openClient(server, { retry: false });
  const answer = client.get('/');
  if (onUndici) expect(await rejectionOf(answer)).toMatchObject({ code: 'ERR_NETWORK', phase: 'response' });
  else expect(await answer).toMatchObject({ status: 200 });
});

test('an upload asks before it is sent on got, and is sent at once on undici', async () => {
  const source = Readable.from(['hello']);
  let begun: boolean | undefined;
  await using server = await startRawServer(({ socket, head }) => {
    begun = source.readableDidRead;
    socket.write(/^expect: 100-continue$/im.test(head) ? CONTINUE + OK : OK);
  });
  await using client = openClient(server);
  await client.post('/', { headers: { expect: '100-continue' }, body: source });
  expect(/^expect: 100-continue$/im.test(server.heads[0] ?? '')).toBe(!onUndici);
  expect(begun).toBe(onUndici);
});

test('a 304 that tells a length keeps its connection on got, and closes it on undici', async () => {
  const notModified = 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\n\r\n';
  await using server = await startRawServer(notModified);
  await using client = openClient(server);
  expect((await client.get('/')).status).toBe(304);
  await client.get('/');
  expect(server.connections).toBe(onUndici ? 2 : 1);
});

test.each([
  ['HTTP/9.9 200 OK\r\n\r\n', 'HPE_INVALID_VERSION'],
  ['HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', 'HPE_INVALID_CONTENT_LENGTH'],
  ['no answer at all', 'HPE_INVALID_CONSTANT'],
])('%j: got says what was wrong, undici that it was', async (bytes, code) => {
  await using server = await startRawServer(bytes);
  await using client = openClient(server, { retry: false });
  const error = await rejectionOf(client.get('/'));
  expect(error).toMatchObject({ systemCode: onUndici ? 'HPE_INVALID_RESPONSE' : code });
});
