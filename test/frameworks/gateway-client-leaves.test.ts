import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { GATEWAYS, startLine } from './gateways.ts';

/** The library takes some milliseconds of the 100 it promises; the rest is for a machine with much else to do. */
const WITHIN_MS = 1_000;

const HEAD = 'HTTP/1.1\r\nHost: a\r\n';

const MOMENTS = [
  ['a call is under way', `GET /videos/7 ${HEAD}\r\n`],
  ['a download has not begun', `GET /videos/7/file ${HEAD}\r\n`],
  ['a download is under way', `GET /videos/7/file ${HEAD}X-Body: yes\r\n\r\n`],
  ['an upload is under way', `PUT /videos/7/file ${HEAD}Content-Length: 1000\r\n\r\nhello`],
  [
    'an upload in chunks is under way',
    `PUT /videos/7/file ${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
  ],
] as const;

let printed: MockInstance[];
beforeEach(() => {
  printed = [
    vi.spyOn(console, 'error').mockImplementation(() => {}),
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true),
  ];
});
afterEach(() => {
  for (const spy of printed) spy.mockRestore();
});

describe.each(GATEWAYS)('a client of a gateway on %s that leaves', (_name, start) => {
  test.each(MOMENTS)('while %s ends the request to the service', async (_moment, head) => {
    await using line = await startLine(start, (req, res) => {
      if (req.headers['x-body']) res.writeHead(200).write('hello');
    });
    const client = new RawClient(line.port);
    client.send(head);
    const seen = await line.upstream.received();
    if (head.includes('X-Body')) await client.until('hello');
    const leftAt = performance.now();
    client.socket.destroy();
    expect((await seen.answered).complete).toBe(false);
    expect(performance.now() - leftAt).toBeLessThan(WITHIN_MS);
    await line.upstream.drained();
    expect(line.upstream.requests.length).toBe(1);
    expect(printed.flatMap(spy => spy.mock.calls)).toEqual([]);
  });

  test('leaves the gateway as it was', async () => {
    let silent = true;
    await using line = await startLine(start, (_req, res) => {
      if (!silent) res.end('hello');
    });
    for (let count = 1; count <= 20; count++) {
      const client = new RawClient(line.port);
      client.send(MOMENTS[count % 2]?.[1] ?? '');
      await line.upstream.received(count);
      await client.destroy();
    }
    await line.upstream.drained();
    silent = false;
    expect(await (await fetch(`${line.url}/videos/7/file`)).text()).toBe('hello');
  });
});
