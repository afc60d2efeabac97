import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { ServiceClient, type ServiceClientOptions, TimeoutError, type Transport } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';

const clients: ServiceClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map(client => client.close({ graceMs: 0 })));
});

function open(options: Partial<ServiceClientOptions>): ServiceClient {
  const client = new ServiceClient({
    name: 'users',
    baseUrl: 'http://users.test',
    retry: false,
    ...options,
  } as ServiceClientOptions);
  clients.push(client);
  return client;
}

const transportOf = (send: () => unknown): Transport => ({ send: send as Transport['send'], close() {} });
const JSON_HEADERS = { 'Content-Type': 'application/json', 'Set-Cookie': 'a=b' };
const CONTENT: [string, () => unknown][] = [
  ['a text', () => '{"a":1}'],
  ['bytes', () => new TextEncoder().encode('{"a":1}')],
  ['a stream', () => Readable.from(['{"a"', ':1}'])],
  ['a web stream', () => new Blob(['{"a":1}']).stream()],
  ['a blob', () => new Blob(['{"a":1}'])],
];
const SOURCES: [string, (reply: () => unknown) => Partial<ServiceClientOptions>][] = [
  ['an attempt interceptor', reply => ({ interceptors: { attempt: [async () => reply() as never] } })],
  ['a transport', reply => ({ transport: transportOf(async () => reply()) })],
];

describe.each(SOURCES)('a plain reply of %s', (_name, optionsOf) => {
  test.each(CONTENT)('with %s as its body is read like any other', async (_content, body) => {
    const reply = () => ({ status: 200, headers: JSON_HEADERS, body: body() });
    const client = open(optionsOf(reply));

    const { data, headers } = await client.get('/');
    const stream = await client.stream('GET', '/');

    expect(data).toEqual({ a: 1 });
    expect(headers).toEqual({ 'content-type': 'application/json', 'set-cookie': ['a=b'] });
    expect(await text(stream.body)).toBe('{"a":1}');
    expect(await stream.completed).toMatchObject({ bytes: 7 });
  });

  test('needs no headers and no body', async () => {
    const client = open(optionsOf(() => ({ status: 204 })));

    expect(await client.get('/')).toMatchObject({ status: 204, headers: {}, data: undefined });
  });

  test('obeys the limit on bodies', async () => {
    const reply = () => ({ status: 200, headers: JSON_HEADERS, body: '"too long"' });
    const client = open({ ...optionsOf(reply), limits: { maxResponseBytes: 5 } });

    await expect(client.get('/')).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE', limitBytes: 5 });
  });

  test.each([[undefined], [null], [{}], [{ status: '200' }], [{ status: 200, body: { a: 1 } }]])(
    'that is %j is refused by name',
    async reply => {
      const client = open(optionsOf(() => reply));

      await expect(client.get('/')).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' });
    },
  );

  const brokenBy = (error: Error) =>
    Readable.from(
      (async function* () {
        yield '{"a"';
        throw error;
      })(),
    );

  test('that breaks amid its body is a failed attempt, with what broke it as the cause', async () => {
    const broken = Object.assign(new Error('broken'), { code: 'EMYOWN' });
    const client = open(optionsOf(() => ({ status: 200, body: brokenBy(broken) })));

    const error = await rejectionOf(client.get('/'));
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'body', systemCode: 'EMYOWN' });
    expect((error as Error).cause).toBe(broken);
  });

  test('whose body fails with an error of ours fails with it', async () => {
    const idle = new TimeoutError({ service: 'users', scope: 'idle', timeoutMs: 5 });
    const client = open(optionsOf(() => ({ status: 200, body: brokenBy(idle) })));

    expect(await rejectionOf(client.get('/'))).toBe(idle);
  });
});

test("an interceptor's own body wins over the bytes of the reply that it copies", async () => {
  const client = open({
    transport: transportOf(async () => ({ status: 200, headers: JSON_HEADERS, body: '"theirs"' })),
    interceptors: {
      attempt: [async (request, next) => ({ ...(await next(request)), body: '"mine"' })],
    },
  });

  expect((await client.get('/')).data).toBe('mine');
});

describe('a transport that never answers nor listens', () => {
  const silent = transportOf(() => new Promise(() => {}));

  test('does not hold a call beyond its time', async () => {
    const client = open({ transport: silent, timeout: { totalMs: 30 } });

    await expect(client.get('/')).rejects.toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
  });

  test('does not hold a call that is aborted', async () => {
    const client = open({ transport: silent });
    const reason = new Error('enough');
    const controller = new AbortController();

    const call = client.get('/', { signal: controller.signal });
    controller.abort(reason);

    await expect(call).rejects.toBe(reason);
  });
});
