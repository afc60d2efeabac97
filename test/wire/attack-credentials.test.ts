import { describe, expect, test } from 'vitest';
import { sendJson, startServer } from '../support/http-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const SECRET = 'Bearer s3cr3t';
const own = { headers: { authorization: SECRET, cookie: 'session=s3cr3t', 'x-api-key': 's3cr3t' } };

describe('credentials', () => {
  test('do not follow a redirect to another origin', async () => {
    await using thief = await startServer();
    await using server = await startServer((_req, res) =>
      res.writeHead(307, { location: `${thief.url}/` }).end(),
    );
    for (const redirect of ['manual', 'same-origin'] as const) {
      await using client = openClient(server, { ...own, redirect, auth: () => SECRET });
      await client.get('/x');
      await client.post('/x', { json: { password: 's3cr3t' } });
      await (await client.fetch('/x', { redirect: 'follow' })).text();
    }
    expect(thief.connections).toBe(0);
  });

  test('of a call are not kept for the next one', async () => {
    await using server = await startServer();
    await using client = openClient(server);
    await client.get('/x', own);
    await client.get('/x');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([SECRET, undefined]);
    expect(server.requests[1]?.headers.cookie).toBeUndefined();
  });

  test('that a server sets as cookies are not sent back by themselves', async () => {
    await using server = await startServer((_req, res) => {
      res.setHeader('set-cookie', ['a=1', 'b=2']);
      sendJson(res, {});
    });
    await using client = openClient(server);
    await client.get('/x');
    await client.get('/x');
    expect(server.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
  });

  test('are asked for by endpoint, so that each sees only its own', async () => {
    let down = true;
    await using first = await startServer((_req, res) => sendJson(res, {}, down ? 503 : 200));
    await using second = await startServer();
    const auth = ({ endpoint }: { endpoint: string }) => `Bearer for ${endpoint}`;
    await using client = openClient([first, second], { auth });
    for (let count = 0; count < 4; count++) {
      await client.get('/x');
      down = !down;
    }
    for (const server of [first, second]) {
      expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(
        new Set([`Bearer for ${server.url}`]),
      );
    }
  });

  test('are not taken by an interceptor to another origin', async () => {
    await using thief = await startServer();
    await using server = await startServer();
    const divert = async (request: object, next: (request: never) => Promise<never>) => {
      return next({ ...request, url: `${thief.url}/x` } as never);
    };
    await using client = openClient(server, { ...own, interceptors: { attempt: [divert as never] } });
    expect(await rejectionOf(client.get('/x'))).toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    expect([thief.connections, server.requests.length]).toEqual([0, 0]);
  });

  test('are not taken to another origin by an absolute URL in fetch', async () => {
    await using thief = await startServer();
    await using server = await startServer();
    await using client = openClient(server, own);
    for (const url of [
      thief.url,
      `http://127.0.0.1:${server.port}@127.0.0.1:${thief.port}/`,
      `//127.0.0.1:${thief.port}/`,
    ]) {
      expect(await rejectionOf(client.fetch(url))).toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    }
    expect(await rejectionOf(client.fetch(`http://me:s3cr3t@127.0.0.1:${server.port}/x`))).toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
    expect([thief.connections, server.connections]).toEqual([0, 0]);
  });
});
