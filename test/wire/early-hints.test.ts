import { once } from 'node:events';
import { type IncomingMessage, type InformationEvent, request } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { RawClient, sendRaw } from '../support/raw-client.ts';
import { rawResponse, startRawServer } from '../support/raw-server.ts';
import { startGateway } from './passthrough-gateway.ts';

const STYLE = '</style.css>; rel=preload; as=style';
const SCRIPT = '</app.js?a=1,2>; rel=preload; as=script';
const OK = rawResponse('hello');

/** What a client hears before its answer through a gateway, and the answer. */
async function hear(port: number): Promise<{ hints: [number, unknown][]; status: number | undefined }> {
  const req = request({ port, host: '127.0.0.1', agent: false });
  const hints: [number, unknown][] = [];
  req.on('information', ({ statusCode, headers }: InformationEvent) => hints.push([statusCode, headers]));
  req.end();
  const [message] = (await once(req, 'response')) as [IncomingMessage];
  await message.toArray();
  return { hints, status: message.statusCode };
}

const hint = (...lines: string[]) => `HTTP/1.1 103 Early Hints\r\n${lines.join('\r\n')}\r\n\r\n`;

describe('early hints', () => {
  test('come before the answer', async () => {
    const answer = Promise.withResolvers<void>();
    await using upstream = await startServer(async (_req, res) => {
      res.writeEarlyHints({ link: [STYLE, SCRIPT] });
      await answer.promise;
      res.end('hello');
    });
    await using gateway = await startGateway(upstream.url);
    const req = request({ port: gateway.port, host: '127.0.0.1', agent: false }).end();
    const [{ statusCode, headers }] = (await once(req, 'information')) as [InformationEvent];
    expect([statusCode, headers]).toEqual([103, { link: `${STYLE}, ${SCRIPT}` }]);
    answer.resolve();
    const [message] = (await once(req, 'response')) as [IncomingMessage];
    expect(String(Buffer.concat(await message.toArray()))).toBe('hello');
  });

  test.each<[string, string, [number, unknown][]]>([
    [
      'several times',
      hint(`Link: ${STYLE}`) + hint(`Link: ${SCRIPT}`, `Link: ${STYLE}`),
      [
        [103, { link: STYLE }],
        [103, { link: `${SCRIPT}, ${STYLE}` }],
      ],
    ],
    ['without anything but links', hint('X-Secret: 1', `Link: ${STYLE}`), [[103, { link: STYLE }]]],
    ['not without links', hint('X-Hint: 1'), []],
    ['not with links that Node does not write', hint('Link: </a>; rel=preload; title="a b"'), []],
    ['not with links that are none', hint('Link: <<<<<<<'), []],
    [
      'not in place of other interim answers',
      `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 X\r\nLink: ${STYLE}\r\n\r\n`,
      [],
    ],
  ])('are passed on %s', async (_name, before, expected) => {
    await using upstream = await startRawServer(before + OK);
    await using gateway = await startGateway(upstream.url);
    expect(await hear(gateway.port)).toEqual({ hints: expected, status: 200 });
    expect(upstream.requests).toBe(1);
  });

  test('of an attempt that fails are passed on too, and the next one answers', async () => {
    const failing = `${hint(`Link: ${STYLE}`)}HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n`;
    await using upstream = await startRawServer([failing, hint(`Link: ${SCRIPT}`) + OK]);
    const retry = { backoff: { baseDelayMs: 1, maxDelayMs: 1 } };
    await using gateway = await startGateway(upstream.url, { client: { retry } });
    expect(await hear(gateway.port)).toEqual({
      hints: [
        [103, { link: STYLE }],
        [103, { link: SCRIPT }],
      ],
      status: 200,
    });
  });

  test('are not for a client of HTTP/1.0', async () => {
    await using upstream = await startRawServer(hint(`Link: ${STYLE}`) + OK);
    await using gateway = await startGateway(upstream.url);
    const { text } = await sendRaw(gateway.port, 'GET / HTTP/1.0\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('after the application has begun to answer itself are dropped', async () => {
    const heard = Promise.withResolvers<void>();
    await using upstream = await startRawServer(async ({ socket }) => {
      await heard.promise;
      socket.write(hint(`Link: ${STYLE}`));
      setImmediate(() => socket.write(OK));
    });
    await using gateway = await startGateway(upstream.url, {
      before: (_req, res) => {
        // Passthrough has been handed the request in the same turn.
        setImmediate(() => {
          res.writeHead(202, { 'content-length': 0 }).end();
          heard.resolve();
        });
      },
    });
    expect((await hear(gateway.port)).hints).toEqual([]);
  });

  test('are dropped while the client does not take them', async () => {
    const link = `</${'x'.repeat(8000)}>; rel=preload`;
    let held: Socket | undefined;
    const flooded = Promise.withResolvers<number>();
    await using upstream = await startRawServer(({ socket }) => {
      for (let count = 0; count < 1000; count++) socket.write(hint(`Link: ${link}`));
      socket.write(OK, () => flooded.resolve(held?.writableLength ?? 0));
    });
    await using gateway = await startGateway(upstream.url, {
      before: req => {
        held = req.socket;
      },
    });
    await using client = new RawClient(gateway.port);
    client.socket.pause();
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await flooded.promise).toBeLessThan(1024 * 1024);
    client.socket.resume();
    await client.until(/hello$/);
  });
});
