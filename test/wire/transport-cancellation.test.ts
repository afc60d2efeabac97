import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { Cancellation } from '../../src/time/cancellation.ts';
import type { Clock } from '../../src/time/clock.ts';
import { startBlackhole } from '../support/blackhole.ts';
import { startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
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
  expect(performance.now() - before).toBeLessThan(20);
  expect((await left.promise) - before).toBeLessThan(100);
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

/** The system's clock, whose timers tell that they were late. */
const lateClock = (lateMs: number): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (fn, ms) => {
    const timer = setTimeout(() => fn(lateMs), ms);
    return { clear: () => clearTimeout(timer) };
  },
});

test('a limit that our own stalled event loop reached says so', async () => {
  await using server = await startServer((_req, res) => res.write('abc'));
  await using transport = openTransport({ clock: lateClock(150) });
  const reply = await transport.send(requestTo(server.url, { idleMs: 30 }));
  const error = await rejectionOf(reply.body.bytes(false, false));
  expect(error).toMatchObject({ scope: 'idle', ownStall: true });
});

test('what came in during a stall counts before the limit does', async () => {
  await using server = await startServer((_req, res) => {
    res.write('abc');
    setTimeout(() => res.end('def'), 33);
  });
  await using transport = openTransport({ clock: lateClock(150) });
  const reply = await transport.send(requestTo(server.url, { idleMs: 30 }));
  expect(await textOf(reply)).toBe('abcdef');
});
