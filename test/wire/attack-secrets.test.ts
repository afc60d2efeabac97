import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ServiceClient } from '../../src/index.ts';
import type { ServiceClientOptions } from '../../src/options/client-options.ts';
import { EventRecorder } from '../support/event-recorder.ts';
import { refusedPort, startServer } from '../support/http-server.ts';
import { startRawServer } from '../support/raw-server.ts';
import { type ClientSettings, openClient } from './open-client.ts';

/** Stands for everything that must not be seen; each place gets one of its own, to name the leak. */
const secret = (place: string) => `s3cr3t-${place}`;
const SECRET = /s3cr3t[\w-]*/g;
/** As `inspect` shows it in a Buffer. */
const AS_BYTES = Buffer.from('s3cr3t').toString('hex');

/** Every way in which something gets printed. */
function printed(value: unknown): string {
  const deep = { depth: 12, getters: true, showHidden: true } as const;
  const texts = [String(value), inspect(value), inspect(value, deep), JSON.stringify(value) ?? ''];
  if (value instanceof Error)
    texts.push(
      value.stack ?? '',
      JSON.stringify({ ...value }),
      String(value.cause),
      inspect(value.cause, deep),
    );
  if (value !== null && typeof value === 'object' && 'toProblem' in value) {
    texts.push(JSON.stringify((value as { toProblem(): object }).toProblem()));
  }
  return texts.join('\n');
}

function leaksIn(...values: unknown[]): string[] {
  const texts = values.map(printed);
  const found = texts.flatMap(text => text.match(SECRET) ?? []);
  const inBytes = texts.some(text => text.replaceAll(' ', '').includes(AS_BYTES));
  return [...new Set(inBytes ? [...found, 'as bytes'] : found)];
}

const CALL = {
  headers: { authorization: `Bearer ${secret('call-header')}`, 'x-api-key': secret('api-key') },
  query: { token: secret('query') },
  idempotencyKey: secret('idempotency-key'),
  json: { password: secret('request-body') },
};

const upstreamText = (status: string) =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nX-Internal: ${secret('response-header')}\r\n` +
  `Set-Cookie: a=${secret('cookie')}\r\nContent-Length: 60\r\n\r\n${JSON.stringify({ at: secret('upstream-text') }).padEnd(60)}`;

const bytes = (text: string) => () => startRawServer(text);
const schema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: () => ({ issues: [{ message: 'wrong', path: ['at'] }] }),
  },
} as never;

type Peer = () => Promise<{ url: string } & AsyncDisposable>;

const FAILURES: [string, Peer, ClientSettings, object][] = [
  [
    'a refused connection',
    async () => ({ url: `http://127.0.0.1:${await refusedPort()}`, async [Symbol.asyncDispose]() {} }),
    {},
    {},
  ],
  ['a failing status', bytes(upstreamText('500 Oops')), {}, {}],
  ['a missing thing', bytes(upstreamText('404 Not Found')), {}, {}],
  ['a malformed response', bytes(`HTTP/1.1 ${secret('status-line')}\r\n\r\n`), {}, {}],
  ['a malformed header', bytes(`HTTP/1.1 200 OK\r\nX-A: ${secret('bad-header')}\0\r\n\r\n`), {}, {}],
  [
    'a body cut short',
    bytes(upstreamText('200 OK').replace('Content-Length: 60', 'Content-Length: 61')),
    { timeout: { idleMs: 30 } },
    {},
  ],
  ['a body too large', bytes(upstreamText('200 OK')), { limits: { maxResponseBytes: 5 } }, {}],
  ['invalid JSON', bytes(upstreamText('200 OK').replace('{"at":"', '       ')), {}, {}],
  ['a wrong schema', bytes(upstreamText('200 OK')), {}, { schema }],
  ['a timeout', bytes(''), { timeout: { attemptMs: 30 } }, {}],
  [
    'a corrupt coding',
    bytes(upstreamText('200 OK').replace('X-Internal', 'Content-Encoding: gzip\r\nX-Internal')),
    {},
    {},
  ],
];

describe('nothing secret is printed', () => {
  test.each(FAILURES)('after %s', async (_name, start, settings, options) => {
    await using peer = await start();
    const logged: unknown[] = [];
    const log = (...line: unknown[]) => logged.push(line);
    await using client = openClient(peer, {
      ...settings,
      headers: { cookie: secret('client-header') },
      auth: () => `Bearer ${secret('auth')}`,
      logger: { debug: log, info: log, warn: log, error: log },
    });
    const events = EventRecorder.of(client);
    const result = await client.safe.post('/x', { ...CALL, ...options });
    expect(result.ok).toBe(false);
    expect(events.names).toContain('call:end');
    const { error, ...rest } = result as { error: Error };
    expect(leaksIn(error, rest, events.all, logged, client, client.health())).toEqual([]);
  });

  test.each([
    ['a header', { headers: { [`x ${secret('header-name')}`]: secret('header-value') } }],
    ['a header written as a name', { headers: { [`authorization: Bearer ${secret('header-name')}`]: 'x' } }],
    ['a query', { query: { a: { b: secret('query') } } }],
    ['a path parameter', { params: { id: '..' }, query: { token: secret('query') } }],
    ['an unknown option', { tokne: secret('option') }],
    ['a body', { json: { toJSON: () => undefined }, body: secret('body') }],
    ['a context id', { context: { requestId: `${secret('context')}\r\n` }, headers: { a: '\r' } }],
  ])('by bad input in %s', async (_name, options) => {
    await using server = await startServer();
    await using client = openClient(server);
    const result = await client.safe.post('/x', options as object);
    expect(result.ok).toBe(false);
    expect(leaksIn((result as { error: Error }).error)).toEqual([]);
  });

  test.each([
    ['a URL', { baseUrl: `http://me:${secret('url')}@x` }],
    ['a URL that does not parse', { baseUrl: `http://[${secret('url')}` }],
    ['a URL with a query', { baseUrl: `http://x?key=${secret('url')}` }],
    ['a header', { baseUrl: 'http://x', headers: { authorization: `${secret('header')}\r\n` } }],
    [
      'TLS',
      {
        baseUrl: 'https://x',
        tls: { key: secret('key'), passphrase: secret('passphrase'), nonsense: secret('tls') },
      },
    ],
  ])('by bad options in %s', (_name, options) => {
    let error: unknown;
    try {
      new ServiceClient({ name: 'users', ...options } as ServiceClientOptions);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'ERR_CONFIGURATION' });
    expect(leaksIn(error)).toEqual([]);
  });

  test('of the client itself, its TLS keys and functions included', () => {
    const client = new ServiceClient({
      name: 'users',
      baseUrl: 'https://x',
      headers: { authorization: secret('header') },
      tls: { passphrase: secret('passphrase') },
    });
    expect(leaksIn(client, client.safe, client.health())).toEqual([]);
  });

  test('of a failing private key', async () => {
    await using client = openClient('https://127.0.0.1:1', {
      tls: { key: secret('key'), cert: secret('cert') },
    });
    const result = await client.safe.get('/x');
    expect(leaksIn((result as { error: Error }).error)).toEqual([]);
  });

  test('though it can be reached where it is needed', async () => {
    await using server = await startRawServer(upstreamText('500 Oops'));
    await using client = openClient(server, { retry: false });
    const { error } = (await client.safe.get('/x')) as unknown as {
      error: { data: unknown; headers: Record<string, string> };
    };
    expect([error.data, error.headers['x-internal']]).toEqual([
      { at: secret('upstream-text') },
      secret('response-header'),
    ]);
  });
});
