import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ConfigurationError, ServiceClient } from '../../src/index.ts';
import { EventRecorder } from '../support/event-recorder.ts';
import { startServer } from '../support/http-server.ts';

describe('version', () => {
  test('goes out as a header with every call, stream and probe', async () => {
    await using server = await startServer();
    const version = { header: 'Accept-Version', value: '2' };
    await using client = new ServiceClient({ name: 'users', baseUrl: server.url, version });
    await client.get('/a');
    (await client.stream('GET', '/b')).body.resume();
    await (await client.fetch('/c')).text();
    await client.probe();
    expect(server.requests.map(({ headers }) => headers['accept-version'])).toEqual(['2', '2', '2', '2']);
    await client.get('/d', { headers: { 'accept-version': '3' } });
    expect(server.requests.at(-1)?.headers['accept-version']).toBe('3');
  });

  test.each(['/v2', 'v2/', '/v2/'])(
    'goes into the path between the base path and the call (%s)',
    async pathPrefix => {
      await using server = await startServer();
      await using client = new ServiceClient({
        name: 'users',
        baseUrl: `${server.url}/api`,
        version: { pathPrefix },
      });
      const { endpoint } = await client.get('/users/{id}?x=1', { params: { id: 'a/b' } });
      await (await client.fetch('http://users/ids')).text();
      await client.probe();
      expect(server.requests.map(({ url }) => url)).toEqual([
        '/api/v2/users/a%2Fb?x=1',
        '/api/v2/ids',
        '/api/health',
      ]);
      expect(endpoint).toBe(`${server.url}/api`);
    },
  );

  test.each([
    [{}],
    [{ header: 'accept-version' }],
    [{ header: 'host', value: 'a' }],
    [{ header: 'a b', value: 'a' }],
    [{ header: 'a', value: 'a\nb' }],
    [{ pathPrefix: '/' }],
    [{ pathPrefix: '/v2?x' }],
    [{ pathPrefix: '/../v2' }],
    [{ pathPrefix: '/v2', header: 'a', value: 'b' }],
    [{ pathPrefix: '/v2', other: 1 }],
    ['2'],
  ])('%j is refused', version => {
    const make = () =>
      new ServiceClient({ name: 'users', baseUrl: 'http://localhost', version: version as never });
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(/version/);
  });
});

describe('a service that announces its end', () => {
  const headers = { deprecation: '@1688169599', sunset: 'Wed, 11 Nov 2026 23:59:59 GMT' };

  const answer = (_req: IncomingMessage, res: ServerResponse) => {
    res.writeHead(200, headers).end();
  };

  test('is reported once per route', async () => {
    await using server = await startServer(answer);
    await using client = new ServiceClient({ name: 'users', baseUrl: server.url });
    const recorder = EventRecorder.of(client, ['call:deprecated']);
    for (const id of [1, 2]) await client.get('/users/{id}', { params: { id } });
    await client.get('/others', { route: '/others' });
    const seen = recorder.of('call:deprecated');
    expect(seen.map(({ method, route }) => [method, route])).toEqual([
      ['GET', '/users/{id}'],
      ['GET', '/others'],
    ]);
    expect(seen[0]).toMatchObject({
      endpoint: server.url,
      deprecatedAt: 1_688_169_599_000,
      sunsetAt: Date.UTC(2026, 10, 11, 23, 59, 59),
      reason: 'is deprecated since 2023-06-30 and stops working on 2026-11-11',
    });
  });

  test('is warned of in the log', async () => {
    await using server = await startServer(answer);
    const lines: string[] = [];
    const ignore = () => {};
    const logger = {
      debug: ignore,
      info: ignore,
      warn: (_: object, text: string) => lines.push(text),
      error: ignore,
    };
    await using client = new ServiceClient({ name: 'users', baseUrl: server.url, logger });
    await client.get('/old', { route: '/old' });
    expect(lines).toEqual(['users: GET /old is deprecated since 2023-06-30 and stops working on 2026-11-11']);
  });

  test('is a process warning when nobody listens', async () => {
    await using server = await startServer(answer);
    await using client = new ServiceClient({ name: 'users', baseUrl: server.url });
    const warned = once(process, 'warning');
    await client.get('/old', { route: '/old' });
    expect((await warned)[0]).toMatchObject({
      code: 'HOLDFAST_DEPRECATED',
      message: expect.stringMatching(/GET \/old/),
    });
  });
});
