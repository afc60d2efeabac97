import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { openClient } from './open-client.ts';

/** Redirects every path but `/end` to what `location` gives. */
const redirecting = (location: (url: string) => string, status = 302) => {
  return startServer(async (req, res, seen) => {
    req.resume();
    await seen.whole;
    if (seen.url === '/end') sendJson(res, { method: seen.method });
    else res.writeHead(status, { location: location(seen.url) }).end('moved');
  });
};

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    '%d is handed back unless it is asked to be followed',
    async status => {
      await using server = await redirecting(() => '/end', status);
      await using client = openClient(server);
      const leaks = await watchLeaks([server]);
      const response = await client.get('/x');
      expect(response).toMatchObject({
        ok: true,
        status,
        headers: { location: '/end' },
        attempts: [{ status }],
      });
      expect(server.requests.map(({ url }) => url)).toEqual(['/x']);
      await leaks.verify();
    },
  );

  test('within the origin is followed with same-origin', async () => {
    await using server = await redirecting(url => (url === '/x' ? '/y?z=1' : '/end'));
    await using client = openClient(server, { redirect: 'same-origin' });
    const leaks = await watchLeaks([server]);
    const response = await client.get('/x');
    expect(response).toMatchObject({ status: 200, url: `${server.url}/end`, attempts: [{ number: 1 }] });
    expect(server.requests.map(({ url }) => url)).toEqual(['/x', '/y?z=1', '/end']);
    await leaks.verify();
  });

  test.each([301, 302, 307, 308])(
    '%d in a loop is followed five times and then handed back',
    async status => {
      await using server = await redirecting(() => '/x', status);
      await using client = openClient(server, { redirect: 'same-origin' });
      const leaks = await watchLeaks([server]);
      expect((await client.get('/x')).status).toBe(status);
      expect(server.requests).toHaveLength(6);
      await leaks.verify();
    },
  );

  test('is followed on one connection, its own body read off', async () => {
    await using server = await redirecting(url => (url === '/x' ? '/y' : '/end'));
    await using client = openClient(server, { redirect: 'same-origin' });
    await client.get('/x');
    expect(server.connections).toBe(1);
  });

  test('never leads to another origin', async () => {
    await using other = await startServer();
    const { port } = other;
    let location = '';
    await using server = await redirecting(() => location);
    await using client = openClient(server, { redirect: 'same-origin' });
    const leaks = await watchLeaks([server, other]);
    const away = [
      other.url,
      `//127.0.0.1:${port}/end`,
      `/\\127.0.0.1:${port}/end`,
      `\\\\127.0.0.1:${port}/end`,
      `http:\\\\127.0.0.1:${port}\\end`,
      `http://127.0.0.1:${server.port}@127.0.0.1:${port}/end`,
      `https://127.0.0.1:${server.port}/end`,
      `http://localhost:${server.port}/end`,
      `http://me:secret@127.0.0.1:${server.port}/end`,
      'file:///etc/passwd',
      'unix:/var/run/docker.sock:/info',
      'http://unix:/var/run/docker.sock:/info',
      'data:text/plain,hi',
      'javascript:alert(1)',
      'http://',
      '',
    ];
    for (location of away) {
      const before = server.requests.length;
      const response = await client.get('/x');
      // An empty one leads back to where it came from, which is a loop.
      expect([location, response.status, server.requests.length - before]).toEqual([
        location,
        302,
        location === '' ? 6 : 1,
      ]);
    }
    expect([other.requests.length, other.connections]).toEqual([0, 0]);
    await leaks.verify();
  });

  test.each([
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', '{"a":1}'],
    [308, 'POST', '{"a":1}'],
  ])('%d makes a %s of a POST', async (status, method, body) => {
    await using server = await redirecting(() => '/end', status);
    await using client = openClient(server, { redirect: 'same-origin' });
    const leaks = await watchLeaks([server]);
    expect(await client.post('/x', { json: { a: 1 } })).toMatchObject({ data: { method } });
    expect(server.requests.map(seen => [seen.method, seen.body])).toEqual([
      ['POST', '{"a":1}'],
      [method, body],
    ]);
    const { headers } = server.requests[1]!;
    expect([headers['content-type'], headers['content-length']]).toEqual(
      body === '' ? [undefined, undefined] : ['application/json', '7'],
    );
    await leaks.verify();
  });

  test('307 of an upload that can be read only once is handed back', async () => {
    await using server = await redirecting(() => '/end', 307);
    await using client = openClient(server, { redirect: 'same-origin' });
    const leaks = await watchLeaks([server]);
    const response = await client.post('/x', { body: Readable.from([Buffer.from('once')]) });
    expect(response.status).toBe(307);
    expect(server.requests.map(({ body }) => body)).toEqual(['once']);
    await leaks.verify();
  });

  test('does not stretch the attempt time', async () => {
    await using server = await startServer((_req, res) => {
      setTimeout(() => res.writeHead(302, { location: '/x' }).end(), 40);
    });
    await using client = openClient(server, {
      redirect: 'same-origin',
      timeout: { attemptMs: 100 },
      retry: false,
    });
    const leaks = await watchLeaks([server]);
    expect(await client.safe.get('/x')).toMatchObject({ error: { code: 'ERR_TIMEOUT', scope: 'attempt' } });
    expect(server.requests.length).toBeLessThan(4);
    await leaks.verify();
  });
});
