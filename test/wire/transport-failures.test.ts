import dns from 'node:dns';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { NetworkError } from '../../src/errors/network-error.ts';
import { TimeoutError } from '../../src/errors/timeout-error.ts';
import { Cancellation } from '../../src/time/cancellation.ts';
import { startBlackhole } from '../support/blackhole.ts';
import { refusedPort, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { rawResponse, startRawServer } from '../support/raw-server.ts';
import { openTransport, rejectionOf, requestTo, textOf } from '../support/transport-request.ts';

const realLookup = dns.lookup;

afterEach(() => {
  dns.lookup = realLookup;
});

/** Answers every name lookup of this process with an error, or never. */
function stubLookup(code: string | undefined): void {
  const stub = (hostname: string, _options: unknown, callback: (error: Error) => void) => {
    if (code === undefined) return;
    const error = Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), {
      code,
      syscall: 'getaddrinfo',
      hostname,
    });
    process.nextTick(callback, error);
  };
  Object.assign(dns, { lookup: stub });
}

function reset(socket: Socket): void {
  socket.resetAndDestroy();
}

describe('before the request is sent', () => {
  test('a refused connection was never sent', async () => {
    const port = await refusedPort();
    await using transport = openTransport();
    const leaks = await watchLeaks();
    const error = await rejectionOf(
      transport.send(requestTo(`http://127.0.0.1:${port}/`, { method: 'POST' })),
    );
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ phase: 'connect', systemCode: 'ECONNREFUSED', neverSent: true });
    await leaks.verify();
  });

  test('where every address of a name refuses, the connection is refused', async () => {
    const port = await refusedPort();
    await using transport = openTransport();
    Object.assign(dns, {
      lookup: (_name: string, _options: unknown, callback: (error: null, addresses: object[]) => void) => {
        const addresses = ['127.0.0.1', '127.0.0.2'].map(address => ({ address, family: 4 }));
        process.nextTick(callback, null, addresses);
      },
    });
    const error = await rejectionOf(transport.send(requestTo(`http://users.test:${port}/`)));
    expect(error).toMatchObject({ phase: 'connect', systemCode: 'ECONNREFUSED', neverSent: true });
  });

  test('a connection that is never taken ends at the connect limit, socket and all', async () => {
    await using blackhole = await startBlackhole();
    await using transport = openTransport();
    const leaks = await watchLeaks();
    const sockets: number[] = [];
    const request = requestTo(blackhole.url, {
      connectMs: 200,
      onSocket: () => sockets.push(performance.now()),
    });
    const error = await rejectionOf(transport.send(request));
    const tookMs = performance.now() - (sockets[0] ?? 0);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ scope: 'connect', timeoutMs: 200, neverSent: true, ownStall: false });
    expect(tookMs).toBeGreaterThan(190);
    expect(tookMs).toBeLessThan(1_500);
    expect(sockets).toHaveLength(1);
    await leaks.verify();
  });

  test.each([
    ['ENOTFOUND', 'a name that does not exist'],
    ['EAI_AGAIN', 'a name server out of reach'],
    ['EAI_FAIL', 'a name server that fails'],
  ])('%s is a failed lookup', async code => {
    stubLookup(code);
    await using transport = openTransport();
    const leaks = await watchLeaks();
    const error = await rejectionOf(transport.send(requestTo('http://users.test/')));
    expect(error).toMatchObject({ phase: 'lookup', systemCode: code, neverSent: true });
    await leaks.verify();
  });

  test('a hanging name lookup ends at the connect limit', async () => {
    stubLookup(undefined);
    await using transport = openTransport();
    const leaks = await watchLeaks();
    const error = await rejectionOf(transport.send(requestTo('http://users.test/', { connectMs: 50 })));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'connect' });
    await leaks.verify();
  });

  test('a connect limit ends with the connection', async () => {
    await using server = await startServer((_req, res) => setTimeout(() => res.end('late'), 80));
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url, { connectMs: 40 }));
    expect(await textOf(reply)).toBe('late');
  });
});

describe('before the response head', () => {
  test('a reset is a lost response and may have been executed', async () => {
    await using server = await startRawServer(({ socket }) => reset(socket));
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(transport.send(requestTo(server.url)));
    expect(error).toMatchObject({
      phase: 'response',
      systemCode: 'ECONNRESET',
      neverSent: false,
      staleConnection: false,
      gatewayStatus: 503,
    });
    expect(server.requests).toBe(1);
    await leaks.verify();
  });

  test('so is a connection closed without an answer', async () => {
    await using server = await startRawServer(({ socket }) => socket.end());
    await using transport = openTransport();
    const error = await rejectionOf(transport.send(requestTo(server.url)));
    expect(error).toMatchObject({ phase: 'response', systemCode: 'ECONNRESET', staleConnection: false });
  });

  test('and one closed in the middle of the head', async () => {
    await using server = await startRawServer(({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Ty'));
    await using transport = openTransport();
    const error = await rejectionOf(transport.send(requestTo(server.url)));
    expect(error).toMatchObject({ phase: 'response', neverSent: false });
  });

  test.each([
    ['a garbage status line', 'HTTP/1.1 what is this\r\n\r\n'],
    ['bytes of another protocol', '220 smtp.example.com ESMTP\r\n'],
    ['two content-lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['64 KiB of headers', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(65_536)}\r\n\r\n`],
  ])('%s is a malformed response and ends the connection', async (_name, bytes) => {
    await using server = await startRawServer(bytes);
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(transport.send(requestTo(server.url)));
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'response', staleConnection: false });
    expect((error as NetworkError).systemCode).toMatch(/^HPE_/);
    await server.drained();
    await leaks.verify();
  });

  test('a protocol that nobody asked for is malformed and does not keep the socket', async () => {
    const upgrade =
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello';
    await using server = await startRawServer(upgrade);
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(transport.send(requestTo(server.url)));
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'response' });
    expect((error as NetworkError).systemCode).toMatch(/^HPE_/);
    await server.drained();
    await leaks.verify();
  });

  test('hints that come first are passed over', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n';
    await using server = await startRawServer(`${hints}${rawResponse('{"a":1}')}`);
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url));
    expect([reply.status, await textOf(reply), server.requests]).toEqual([200, '{"a":1}', 1]);
  });

  test('endless hints end by cancellation', async () => {
    await using server = await startRawServer(({ socket }) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 5);
      socket.once('close', () => clearInterval(timer));
    });
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const cancellation = new Cancellation();
    setTimeout(() => cancellation.cancel('out of time'), 60);
    expect(await rejectionOf(transport.send(requestTo(server.url, { cancellation })))).toBe('out of time');
    await server.drained();
    await leaks.verify();
  });
});

describe('a connection of the pool', () => {
  const answerThen = (then: (socket: Socket) => void) => {
    return startRawServer([rawResponse('one'), ({ socket }) => then(socket), rawResponse('three')]);
  };

  test.each([
    ['closed', (socket: Socket) => socket.end()],
    ['reset', reset],
  ])('that is %s before any byte was stale', async (_how, then) => {
    await using server = await answerThen(then);
    await using transport = openTransport();
    await textOf(await transport.send(requestTo(server.url)));
    const error = await rejectionOf(transport.send(requestTo(server.url)));
    expect(server.connections).toBe(1);
    expect(error).toMatchObject({ phase: 'response', staleConnection: true, neverSent: false });
    const reply = await transport.send(requestTo(server.url, { freshConnection: true }));
    expect([await textOf(reply), server.connections]).toEqual(['three', 2]);
  });

  test('that breaks after a byte of the answer was not stale', async () => {
    await using server = await answerThen(socket => socket.write('HTTP/1.1 2', () => reset(socket)));
    await using transport = openTransport();
    await textOf(await transport.send(requestTo(server.url)));
    const error = await rejectionOf(transport.send(requestTo(server.url)));
    expect(error).toMatchObject({ phase: 'response', staleConnection: false });
  });

  test('that breaks after hints was not stale', async () => {
    await using server = await answerThen(socket => socket.end('HTTP/1.1 103 Early Hints\r\n\r\n'));
    await using transport = openTransport();
    await textOf(await transport.send(requestTo(server.url)));
    const error = await rejectionOf(transport.send(requestTo(server.url)));
    expect(error).toMatchObject({ phase: 'response', staleConnection: false });
  });
});

describe('after the response head', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n';
  const faults: [string, string, (socket: Socket) => void][] = [
    ['shorter than its length', `${HEAD}Content-Length: 10\r\n\r\nabc`, socket => socket.end()],
    ['reset before its length', `${HEAD}Content-Length: 10\r\n\r\nabc`, reset],
    [
      'without its last chunk',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
      socket => socket.end(),
    ],
    ['reset between chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`, reset],
    ['with a bad chunk', `${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`, () => {}],
    ['without a length, reset', `${HEAD}Connection: close\r\n\r\nabc`, reset],
  ];

  test.each(faults)('a body %s is never taken for whole', async (_name, bytes, end) => {
    await using server = await startRawServer(({ socket }) =>
      socket.write(bytes, () => setTimeout(end, 20, socket)),
    );
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    for (const decompress of [true, false]) {
      const reply = await transport.send(requestTo(server.url, { decompress }));
      const error = await rejectionOf(reply.body.bytes(false, false));
      expect(error).toMatchObject({
        code: 'ERR_NETWORK',
        phase: 'body',
        gatewayStatus: 502,
        staleConnection: false,
      });
    }
    await server.drained();
    await leaks.verify();
  });

  test.each(faults)('a stream %s breaks', async (_name, bytes, end) => {
    await using server = await startRawServer(({ socket }) =>
      socket.write(bytes, () => setTimeout(end, 20, socket)),
    );
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const reply = await transport.send(requestTo(server.url));
    const ends: unknown[] = [];
    const body = reply.body.stream(bodyEnd => ends.push(bodyEnd));
    let text = '';
    const error = await rejectionOf(
      (async () => {
        for await (const chunk of body) text += chunk;
      })(),
    );
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'body' });
    expect('abc').toContain(text);
    expect(ends).toEqual([{ bytes: text.length, error, abandoned: false }]);
    await server.drained();
    await leaks.verify();
  });

  test.each(faults)('a body %s that is read late breaks all the same', async (_name, bytes, end) => {
    await using server = await startRawServer(({ socket }) =>
      socket.write(bytes, () => setTimeout(end, 5, socket)),
    );
    await using transport = openTransport();
    const replies = [
      await transport.send(requestTo(server.url)),
      await transport.send(requestTo(server.url)),
    ];
    await new Promise(resolve => setTimeout(resolve, 60));
    expect(await rejectionOf(replies[0]?.body.bytes(false, false) as Promise<unknown>)).toMatchObject({
      phase: 'body',
    });
    const ended = Promise.withResolvers<unknown>();
    replies[1]?.body.stream(ended.resolve).resume();
    expect(await ended.promise).toMatchObject({ error: { phase: 'body' }, abandoned: false });
  });

  test('a body that the connection ends, without a length, is whole', async () => {
    await using server = await startRawServer(({ socket }) => socket.end('HTTP/1.0 200 OK\r\n\r\nabc'));
    await using transport = openTransport();
    expect(await textOf(await transport.send(requestTo(server.url)))).toBe('abc');
  });

  test('a whole body is whole, also when the connection is reset before it was read', async () => {
    await using server = await startRawServer(({ socket }) =>
      socket.write(rawResponse('x'.repeat(5000)), () => setTimeout(reset, 10, socket)),
    );
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url));
    await server.drained();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(await textOf(reply)).toHaveLength(5000);
  });
});
