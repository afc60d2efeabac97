import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/time/clock.ts';
import { startServer } from './http-server.ts';
import { watchLeaks } from './leak-check.ts';

const fetchOnce = (url: string, agent: Agent) =>
  new Promise<void>((resolve, reject) => {
    get(url, { agent }, res => res.resume().on('end', resolve)).on('error', reject);
  });

test('an idle pooled connection is no leak', async () => {
  await using server = await startServer();
  const agent = new Agent({ keepAlive: true });
  const leaks = await watchLeaks([server]);
  await fetchOnce(server.url, agent);
  expect(server.sockets).toBe(1);
  await leaks.verify();
  agent.destroy();
});

test('a connection in use is one', async () => {
  await using server = await startServer(() => {});
  const leaks = await watchLeaks([server]);
  const request = get(server.url).on('error', () => {});
  await server.received();
  await expect(leaks.verify()).rejects.toThrow(/1 requests in flight[\s\S]*1 more TCPSocketWrap/);
  request.destroy();
});

test('a bare connection that no server of the test counts is one', async () => {
  await using server = await startServer();
  const leaks = await watchLeaks();
  const socket = connect(server.port, '127.0.0.1');
  await new Promise(resolve => socket.once('connect', resolve));
  await expect(leaks.verify()).rejects.toThrow('more TCPSocketWrap');
  socket.destroy();
});

test('a referenced timer is one and is named by its place; a cleared, a background or a soon finished one is not', async () => {
  const leaking = await watchLeaks();
  const timer = setTimeout(() => {}, 60_000);
  await expect(leaking.verify()).rejects.toThrow('leak-check.test.ts');
  clearTimeout(timer);

  const clean = await watchLeaks();
  setTimeout(() => {}, 60_000).unref();
  setTimeout(() => {}, 50);
  await clean.verify();
});

test("a background timer of holdfast's own is one", async () => {
  const leaks = await watchLeaks();
  const timer = systemClock.setTimeout(() => {}, 60_000);
  timer.unref?.();
  await expect(leaks.verify()).rejects.toThrow('clock.ts');
  timer.clear();
});

test('a listener left on a signal, and a warning, are leaks', async () => {
  const { signal } = new AbortController();
  const leaks = await watchLeaks();
  signal.addEventListener('abort', () => {});
  process.emitWarning('made for the test');
  await expect(leaks.verify([signal])).rejects.toThrow(/1 abort listeners[\s\S]*made for the test/);
});

test('it leaves no listener on the process', async () => {
  const count = () => process.listenerCount('unhandledRejection') + process.listenerCount('warning');
  const before = count();
  await (await watchLeaks()).verify();
  expect(count()).toBe(before);
});
