import { describe, expect, test } from 'vitest';
import { ServiceClient } from '../../src/index.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { rawResponse, startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const POISON =
  '{"__proto__":{"polluted":"yes","status":200,"message":"from the prototype"},"constructor":{"prototype":{"polluted":"yes"}}}';

const polluted = () => (({}) as { polluted?: unknown }).polluted;

describe('__proto__', () => {
  test('in a body is data, and nothing else', async () => {
    await using server = await startServer((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end(POISON);
    });
    await using client = openClient(server);
    const { data } = await client.get('/x');
    expect(JSON.stringify(data)).toBe(POISON);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(polluted()).toBeUndefined();
  });

  test('in a failing body is no message, and no problem field', async () => {
    await using server = await startServer((_req, res) => {
      res.writeHead(400, { 'content-type': 'application/problem+json' }).end(POISON);
    });
    await using client = openClient(server);
    const result = await client.safe.get('/x');
    expect(result).toMatchObject({ ok: false, status: 400 });
    expect(JSON.stringify(result)).not.toContain('from the prototype');
    const { error } = result as {
      error: { toProblem(): { status: number }; problem?: object; status: number };
    };
    expect([error.status, error.toProblem().status, polluted()]).toEqual([400, 400, undefined]);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s as a header of a response is harmless',
    async name => {
      await using server = await startRawServer(
        rawResponse('{}', `HTTP/1.1 200 OK\r\n${name}: x\r\nContent-Type: application/json`),
      );
      await using client = openClient(server);
      const { headers, data } = await client.get('/x');
      expect([headers['content-type'], data, polluted()]).toEqual(['application/json', {}, undefined]);
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
      const response = await client.fetch('/x');
      expect(response.status).toBe(200);
    },
  );

  test.each([
    ['the options', '{"name":"users","baseUrl":"http://x","__proto__":{"retry":false}}'],
    ['a group of options', '{"name":"users","baseUrl":"http://x","retry":{"__proto__":{"maxAttempts":9}}}'],
    ['the headers', '{"name":"users","baseUrl":"http://x","headers":{"__proto__":"x"}}'],
  ])('in %s is an unknown option, and changes nothing', (_name, json) => {
    expect(() => new ServiceClient(JSON.parse(json))).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION' }),
    );
    expect(polluted()).toBeUndefined();
  });

  test.each([
    ['the options', '{"__proto__":{"retry":false}}'],
    ['the headers', '{"headers":{"__proto__":"x"}}'],
    ['the tags', '{"tags":{"__proto__":{"a":"b"}}}'],
    ['the timeout', '{"timeout":{"__proto__":{"totalMs":1}}}'],
  ])('in %s of a call sends nothing', async (_name, json) => {
    await using server = await startServer();
    await using client = openClient(server);
    expect(await rejectionOf(client.get('/x', JSON.parse(json)))).toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
    expect([server.connections, polluted()]).toEqual([0, undefined]);
  });

  test('as a name of parameters, query and context is a name', async () => {
    await using server = await startServer();
    await using client = openClient(server);
    const named = (value: unknown) => JSON.parse(`{"__proto__":${JSON.stringify(value)}}`);
    await client.get('/{__proto__}', { params: named('a'), query: named('b'), context: named('c') });
    expect(server.requests.map(({ url }) => url)).toEqual(['/a?__proto__=b']);
    expect(polluted()).toBeUndefined();
    // A name that every object has is not a parameter that was given.
    expect(await rejectionOf(client.get('/{toString}/{constructor}', { params: {} }))).toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
  });

  test('in a body that is sent goes out as it is', async () => {
    await using server = await startServer((_req, res) => sendJson(res, {}));
    await using client = openClient(server);
    await client.post('/x', { json: JSON.parse(POISON) });
    const [seen] = server.requests;
    expect(await seen?.whole).toBe(POISON);
  });
});
