import { describe, expect, test } from 'vitest';
import { ConfigurationError, ServiceClient, type ServiceClientOptions } from '../../src/index.ts';
import { VERSION } from '../../src/version.ts';
import { mockServices } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users, other] = mockServices('http://users.test', 'http://other.test');

function issuesOf(make: () => unknown): readonly { path: string; message: string }[] {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).issues;
  }
  throw new Error('expected a ConfigurationError');
}

describe('new ServiceClient', () => {
  test('lists every problem of its options at once', () => {
    const options = {
      name: '9lives',
      baseUrl: 'ftp://users.test',
      tiemout: {},
      retry: { maxAttempts: 11 },
      limits: { maxResponseBytes: -1 },
    } as unknown as ServiceClientOptions;
    const issues = issuesOf(() => new ServiceClient(options));
    expect(issues.map(({ path }) => path).sort()).toEqual([
      'baseUrl',
      'limits.maxResponseBytes',
      'name',
      'retry.maxAttempts',
      'tiemout',
    ]);
    expect(issues.find(({ path }) => path === 'tiemout')?.message).toContain('did you mean "timeout"?');
  });

  test('refuses two addresses and none', () => {
    const two = { name: 'users', baseUrl: 'http://a', endpoints: ['http://b'] } as unknown;
    expect(issuesOf(() => new ServiceClient(two as ServiceClientOptions))).not.toEqual([]);
    const none = { name: 'users' } as unknown;
    expect(issuesOf(() => new ServiceClient(none as ServiceClientOptions))).not.toEqual([]);
  });

  test('refuses what is not built yet instead of ignoring it', () => {
    const hedging = { name: 'users', baseUrl: 'http://a', hedge: { delayMs: 10 } } as const;
    expect(issuesOf(() => new ServiceClient(hedging))).toMatchObject([
      { path: 'hedge', message: expect.stringContaining('not available yet') },
    ]);
  });

  test('copies its options: changing them later changes nothing', async () => {
    const headers: Record<string, string> = { 'x-tenant': 'one' };
    const { client } = openClient({ headers });
    headers['x-tenant'] = 'two';
    await client.get('/');
    expect(users.requests).toMatchObject([{ headers: { 'x-tenant': 'one' } }]);
  });

  test('mutates nothing that it was given', () => {
    const options = Object.freeze({
      name: 'users',
      baseUrl: 'http://users.test',
      retry: Object.freeze({ backoff: Object.freeze({ baseDelayMs: 5 }) }),
    });
    const before = structuredClone(options);
    expect(new ServiceClient(options).name).toBe('users');
    expect(options).toEqual(before);
  });

  test('sends nothing by itself', async () => {
    const { client } = openClient();
    expect(client.health()).toMatchObject({ service: 'users', status: 'unknown' });
    expect(users.requests).toEqual([]);
  });
});

describe('headers of the client', () => {
  test('go out with every call, a call’s own win, and undefined removes one', async () => {
    const { client } = openClient({ headers: { 'X-Tenant': 'one', 'x-plan': 'free' } });
    await client.get('/', { headers: { 'x-tenant': 'two', 'X-Plan': undefined } });
    const { headers } = await users.received();
    expect(headers['x-tenant']).toBe('two');
    expect(headers).not.toHaveProperty('x-plan');
  });

  test('name the package as User-Agent unless told otherwise', async () => {
    await openClient().client.get('/');
    await openClient({ headers: { 'User-Agent': 'mine/1' } }).client.get('/');
    await openClient().client.get('/', { headers: { 'user-agent': undefined } });
    expect(users.requests.map(({ headers }) => headers['user-agent'])).toEqual([
      `holdfast/${VERSION}`,
      'mine/1',
      undefined,
    ]);
  });
});

describe('ServiceClient.fromEnv', () => {
  test('reads the settings of the environment', async () => {
    const env = { USERS_SERVICE_URL: 'http://users.test/api' };
    await using client = ServiceClient.fromEnv('users', {}, env);
    await client.get('/me');
    expect(client.name).toBe('users');
    expect(users.requests).toMatchObject([{ path: '/api/me' }]);
  });

  test('merges overrides over them, and an address replaces the variable', async () => {
    await using client = ServiceClient.fromEnv(
      'users',
      { endpoints: ['http://other.test'], headers: { a: '1' } },
      {},
    );
    await client.get('/me');
    expect(other.requests).toMatchObject([{ path: '/me', headers: { a: '1' } }]);
  });

  test('takes a list of URLs for endpoints', async () => {
    const env = { USERS_SERVICE_URL: 'http://users.test, http://other.test' };
    await using client = ServiceClient.fromEnv('users', { loadBalancing: { strategy: 'round-robin' } }, env);
    await client.get('/');
    await client.get('/');
    expect([users.requests.length, other.requests.length]).toEqual([1, 1]);
  });

  test('names variable and option of what is wrong', () => {
    const env = { USERS_SERVICE_URL: 'http://users.test', USERS_RETRY_DELAY: 'soon' };
    expect(() => ServiceClient.fromEnv('users', {}, env)).toThrow(
      'USERS_RETRY_DELAY → retry.backoff.baseDelayMs: expected seconds or a duration such as "500ms", got "soon"',
    );
    expect(() => ServiceClient.fromEnv('users', {}, {})).toThrow('USERS_SERVICE_URL');
  });
});
