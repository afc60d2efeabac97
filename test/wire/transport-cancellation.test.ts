import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { Cancellation } from '../../src/time/cancellation.ts';
import { startBlackhole } from '../support/blackhole.ts';
import { startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { startRawServer } from '../support/raw-server.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { openTransport, rejectionOf, requestTo, textOf } from '../support/transport-request.ts';

/** A cancellation that knows how many wait for it. */
class CountedCancellation extends Cancellation {
  waiting = 0;

  override onCancel(handler: (reason: unknown) => void): void {
    this.waiting++;
    super.onCancel(handler);
  }

  override offCancel(handler: (reason: unknown) => void): void {
    this.waiting--;
    super.offCancel(handler);
  }
}

const reason = new Error('the caller left');

test('cancelled before, nothing is sent', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  const leaks = await watchLeaks([server]);
  const cancellation = new Cancellation();
  cancellation.cancel(reason);
  expect(await rejectionOf(transport.send(requestTo(server.url, { cancellation })))).toBe(reason);
  await new Promise(setImmediate);
  expect(server.connections).toBe(0);
  await leaks.verify();
});

test('cancelled before, the source of an upload is destroyed', async () => {
  await using transport = openTransport();
  const cancellation = new Cancellation();
  cancellation.cancel(reason);
  const source = new Readable({ read() {} });
  const body = { kind: 'one-shot', source, byteLength: undefined } as const;
  const request = requestTo('http://127.0.0.1:9/', { method: 'POST', cancellation, body });
  expect(await rejectionOf(transport.send(request))).toBe(reason);
  expect(source.destroyed).toBe(true);
});

test('cancelled when the socket comes, no TLS handshake stays', async () => {
  await using server = await startRawServer([], () => {});
  await using transport = openTransport();
  const leaks = await watchLeaks([server]);
  const cancellation = new Cancellation();
  const onSocket = () => cancellation.cancel(reason);
  const url = server.url.replace('http:', 'https:');
  expect(await rejectionOf(transport.send(requestTo(url, { cancellation, onSocket })))).toBe(reason);
  await leaks.verify();
});

test('cancelled at once, it rejects at once and no socket stays', async () => {
  await using blackhole = await startBlackhole();
  await using transport = openTransport();
  const leaks = await watchLeaks();
  const cancellation = new Cancellation();
  const sent = rejectionOf(transport.send(requestTo(blackhole.url, { cancellation })));
  cancellation.cancel(reason);
  expect(await sent).toBe(reason);
  await leaks.verify();
});

test.each(['the socket comes', 'we connect'])('cancelled when %s, no socket stays', async moment => {
  await using blackhole = await startBlackhole();
  await using transport = openTransport();
  const leaks = await watchLeaks();
  const cancellation = new Cancellation();
  const onSocket = () => {
    if (moment === 'we connect') setTimeout(() => cancellation.cancel(reason), 20);
    else cancellation.cancel(reason);
  };
  expect(await rejectionOf(transport.send(requestTo(blackhole.url, { cancellation, onSocket })))).toBe(
    reason,
  );
  await leaks.verify();
});

test('cancelled while it waits for the head, the server sees it leave within 20 ms', async () => {
  const left = Promise.withResolvers<number>();
  await using server = await startServer(req => req.once('close', () => left.resolve(performance.now())));
  await using transport = openTransport();
  const leaks = await watchLeaks([server]);
  const cancellation = new Cancellation();
  const sent = rejectionOf(transport.send(requestTo(server.url, { cancellation })));
  await server.received();
  const before = performance.now();
  cancellation.cancel(reason);
  expect(await sent).toBe(reason);
  expect(performance.now() - before).toBeLessThan(1_000);
  expect((await left.promise) - before).toBeLessThan(1_000);
  await leaks.verify();
});

test.each(['bytes', 'stream', 'nothing yet'])(
  'cancelled in the body while it is read as %s, the body ends with the reason',
  async how => {
    await using server = await startServer((_req, res) => res.write('abc'));
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const cancellation = new CountedCancellation();
    const reply = await transport.send(requestTo(server.url, { cancellation }));
    expect(cancellation.waiting).toBe(1);
    if (how === 'stream') {
      const ended = Promise.withResolvers<unknown>();
      reply.body.stream(ended.resolve).resume();
      cancellation.cancel(reason);
      expect(await ended.promise).toMatchObject({ error: reason, abandoned: false });
    } else {
      const read = how === 'bytes' ? rejectionOf(reply.body.bytes(false, false)) : undefined;
      cancellation.cancel(reason);
      expect(await (read ?? rejectionOf(reply.body.bytes(false, false)))).toBe(reason);
    }
    await server.drained();
    await leaks.verify();
  },
);

test('cancelled after its end, nothing happens and nobody waits any more', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  const leaks = await watchLeaks([server]);
  const cancellation = new CountedCancellation();
  await textOf(await transport.send(requestTo(server.url, { cancellation })));
  const ended = Promise.withResolvers<unknown>();
  (await transport.send(requestTo(server.url, { cancellation }))).body.stream(ended.resolve).resume();
  await ended.promise;
  (await transport.send(requestTo(server.url, { cancellation }))).body.discard();
  await server.idle();
  await new Promise(setImmediate);
  expect(cancellation.waiting).toBe(0);
  cancellation.cancel(reason);
  await textOf(await transport.send(requestTo(server.url)));
  expect(server.connections).toBe(1);
  await leaks.verify();
});

test('a failed request waits for no cancellation any more', async () => {
  await using server = await startServer(req => req.socket.destroy());
  await using transport = openTransport();
  const cancellation = new CountedCancellation();
  await rejectionOf(transport.send(requestTo(server.url, { cancellation })));
  expect(cancellation.waiting).toBe(0);
});

test('cancelled while it uploads, the source is destroyed', async () => {
  await using server = await startServer(req => req.resume().on('error', () => {}));
  await using transport = openTransport();
  const leaks = await watchLeaks([server]);
  const cancellation = new Cancellation();
  const source = new Readable({ read() {} });
  source.push('abc');
  const body = { kind: 'one-shot', source, byteLength: undefined } as const;
  const sent = rejectionOf(transport.send(requestTo(server.url, { method: 'POST', cancellation, body })));
  await server.received();
  cancellation.cancel(reason);
  expect(await sent).toBe(reason);
  expect(source.destroyed).toBe(true);
  await server.drained();
  await leaks.verify();
});

test('cancelled 1000 times at random moments, nothing stays behind', async () => {
  const random = seededRandom(7);
  await using server = await startServer((_req, res) => {
    setTimeout(() => {
      res.write('abc');
      setTimeout(() => res.end('def'), random() * 4);
    }, random() * 4);
  });
  await using transport = openTransport();
  const leaks = await watchLeaks([server]);
  let cancelled = 0;
  const once = async () => {
    const cancellation = new Cancellation();
    setTimeout(() => cancellation.cancel(reason), random() * 12);
    try {
      await textOf(await transport.send(requestTo(server.url, { cancellation })));
    } catch (error) {
      expect(error).toBe(reason);
      cancelled++;
    }
  };
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 50 }, once));
  expect(cancelled).toBeGreaterThan(100);
  await server.idle();
  await leaks.verify();
});

test('a limit that our own stalled event loop reached says so', async () => {
  await using server = await startServer((_req, res) => res.writeHead(200).flushHeaders());
  const clock = new ManualClock();
  await using transport = openTransport({ clock });
  const reply = await transport.send(requestTo(server.url, { idleMs: 1000 }));
  const read = rejectionOf(reply.body.bytes(false, false));
  await clock.stall(5000);
  await clock.advance(1000);
  expect(await read).toMatchObject({ scope: 'idle', timeoutMs: 1000, ownStall: true });
});

test('what came in during a stall counts before the limit does', async () => {
  const release = Promise.withResolvers<void>();
  await using server = await startServer(async (_req, res) => {
    res.writeHead(200).flushHeaders();
    await release.promise;
    res.end('abc');
  });
  const clock = new ManualClock();
  await using transport = openTransport({ clock });
  const read = textOf(await transport.send(requestTo(server.url, { idleMs: 1000 })));
  await clock.stall(5000);
  release.resolve();
  expect(await read).toBe('abc');
  expect(clock.pending).toBe(0);
});
