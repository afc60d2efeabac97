import { describe, expect, test } from 'vitest';
import { ClientClosedError, ConfigurationError, defineServices, ServiceClient } from '../../src/index.ts';
import { mockServices, status } from './mocked-services.ts';

const [users, youtube] = mockServices('http://users.test', 'http://youtube.test');

const definitions = {
  users: { baseUrl: 'http://users.test' },
  youtube: { baseUrl: 'http://youtube.test', headers: { 'x-own': '1' } },
};

test('holds one client per key, named by it', async () => {
  await using services = defineServices(definitions);
  expect(services.users).toBeInstanceOf(ServiceClient);
  expect(services.youtube.name).toBe('youtube');
  await services.users.get('/me');
  expect([users.requests.length, youtube.requests.length]).toEqual([1, 0]);
});

test('starts every service from the shared options, and its own win per key', async () => {
  await using services = defineServices(definitions, { headers: { 'x-own': '0', 'x-shared': 's' } });
  await services.users.get('/');
  await services.youtube.get('/');
  expect(users.requests).toMatchObject([{ headers: { 'x-own': '0', 'x-shared': 's' } }]);
  expect(youtube.requests).toMatchObject([{ headers: { 'x-own': '1', 'x-shared': 's' } }]);
});

test('lets a service replace the shared address', async () => {
  await using services = defineServices(
    { users: {}, youtube: { endpoints: ['http://youtube.test'] } },
    { baseUrl: 'http://users.test' },
  );
  await services.users.get('/');
  await services.youtube.get('/');
  expect([users.requests.length, youtube.requests.length]).toEqual([1, 1]);
});

test('sums up the health of all', async () => {
  youtube.answers(status(500));
  await using services = defineServices(definitions, {
    retry: false,
    circuitBreaker: { minThroughput: 1, failureRatio: 1 },
  });
  expect(services.health()).toMatchObject({ status: 'unknown' });
  await services.users.get('/');
  await services.youtube.safe.get('/');
  expect(services.health()).toMatchObject({
    status: 'degraded',
    services: { users: { service: 'users', status: 'up' }, youtube: { service: 'youtube', status: 'down' } },
  });
});

test('listens to all, until unsubscribed', async () => {
  await using services = defineServices(definitions);
  const heard: string[] = [];
  const off = services.on('call:end', ({ service }) => heard.push(service));
  await services.users.get('/');
  await services.youtube.get('/');
  off();
  await services.users.get('/');
  expect(heard).toEqual(['users', 'youtube']);
});

test('closes all', async () => {
  const services = defineServices(definitions);
  await services.close({ graceMs: 10 });
  await expect(services.users.get('/')).rejects.toBeInstanceOf(ClientClosedError);
  await expect(services.youtube.get('/')).rejects.toBeInstanceOf(ClientClosedError);
});

test('can be awaited and returned from async functions: it is no promise', async () => {
  const make = async () => defineServices(definitions);
  await using services = await make();
  expect(services.users.name).toBe('users');
});

describe('a ConfigurationError', () => {
  function issuesOf(make: () => unknown) {
    try {
      make();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      return (error as ConfigurationError).issues.map(({ path }) => path);
    }
    throw new Error('expected a ConfigurationError');
  }

  test.each(['health', 'close', 'on', 'then'])('refuses the name %s', name => {
    expect(issuesOf(() => defineServices({ [name]: { baseUrl: 'http://a' } }))).toEqual([name]);
  });

  test('lists every problem of every service', () => {
    const wrong = {
      users: { baseUrl: 'nowhere' },
      health: { baseUrl: 'http://a' },
      youtube: { baseUrl: 'http://youtube.test', retry: { maxAttempts: 0 } },
      '9lives': { baseUrl: 'http://a' },
    };
    expect(issuesOf(() => defineServices(wrong))).toEqual([
      'users.baseUrl',
      'health',
      'youtube.retry.maxAttempts',
      '9lives.name',
    ]);
  });

  test('refuses a name for all: the keys are the names', () => {
    const shared = { name: 'all' } as object;
    expect(issuesOf(() => defineServices({ users: { baseUrl: 'http://a' } }, shared))).toEqual(['name']);
  });

  test('tells of a definition that is no object', () => {
    expect(issuesOf(() => defineServices({ users: null as never }))).not.toEqual([]);
  });
});
