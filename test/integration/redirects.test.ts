import { describe, expect, test } from 'vitest';
import { rejectionOf } from '../support/transport-request.ts';
import { type Answer, json, mockServices, silent, status } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users, other] = mockServices('http://users.test', 'http://other.test');

const to = (location: string, code = 302) => status(code, { location });
const openFollowing = (options = {}) => openClient({ redirect: 'same-origin', ...options });

test('a redirect is handed back unless asked to be followed', async () => {
  users.answers(to('/there'));
  const { client } = openClient();
  expect(await client.get('/')).toMatchObject({ status: 302, url: 'http://users.test/' });
  expect(users.requests).toHaveLength(1);
});

describe('redirect: same-origin', () => {
  test('follows, within one attempt, and says where it ended', async () => {
    users.answers(to('/b?x=1#top'), to('http://users.test/c'), json('c'));
    const { client, events } = openFollowing({ baseUrl: 'http://users.test/base' });
    const response = await client.get('/a');
    expect(response).toMatchObject({
      data: 'c',
      url: 'http://users.test/c',
      attempts: [{ number: 1, status: 200 }],
    });
    expect(users.requests.map(({ path }) => path)).toEqual(['/base/a', '/b?x=1', '/c']);
    expect(events.names).toEqual(['call:start', 'attempt:start', 'attempt:end', 'call:end']);
  });

  test('follows a path relative to the one that redirects', async () => {
    users.answers(to('../up'), json('up'));
    await openFollowing().client.get('/a/b/c');
    expect(users.requests[1]).toMatchObject({ path: '/a/up' });
  });

  test('leaves a fragment out', async () => {
    users.answers(to('/b#top'), json('b'));
    expect(await openFollowing().client.get('/a')).toMatchObject({ url: 'http://users.test/b' });
  });

  test.each([301, 302, 303])('makes a GET without body of a POST after a %d', async code => {
    users.answers(to('/b', code), json('b'));
    await openFollowing().client.post('/a', { json: { a: 1 }, headers: { 'x-kept': '1' } });
    expect(users.requests[1]).toMatchObject({
      method: 'GET',
      path: '/b',
      body: '',
      headers: { 'x-kept': '1' },
    });
    expect(users.requests[1]?.headers).not.toHaveProperty('content-type');
    expect(users.requests[1]?.headers).not.toHaveProperty('content-length');
  });

  test.each([307, 308])('keeps method and body after a %d', async code => {
    users.answers(to('/b', code), json('b'));
    await openFollowing().client.post('/a', { json: { a: 1 } });
    expect(users.requests[1]).toMatchObject({ method: 'POST', path: '/b', body: '{"a":1}' });
  });

  test('keeps PUT after a 302, and HEAD after a 303', async () => {
    users.answers(to('/b'), json('b'), to('/c', 303), json('c'));
    const { client } = openFollowing();
    await client.put('/a', { json: 1 });
    await client.head('/a');
    expect(users.requests.map(({ method, body }) => [method, body])).toEqual([
      ['PUT', '1'],
      ['PUT', '1'],
      ['HEAD', ''],
      ['HEAD', ''],
    ]);
  });

  test.each([
    'http://other.test/x',
    'https://users.test/x',
    'http://users.test:81/x',
    '//other.test/x',
    'http://user:pass@users.test/x',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://[',
  ])('hands back one to %s, with credentials going nowhere', async location => {
    users.answers(to(location));
    const { client } = openFollowing({ auth: () => 'Bearer secret' });
    expect(await client.get('/')).toMatchObject({ status: 302, headers: { location } });
    expect([users.requests.length, other.requests.length]).toEqual([1, 0]);
  });

  test('hands back one without a location, and a 304', async () => {
    users.answers(status(302), status(304, { location: '/x' }));
    const { client } = openFollowing();
    expect(await client.get('/')).toMatchObject({ status: 302 });
    expect(await client.get('/')).toMatchObject({ status: 304 });
    expect(users.requests).toHaveLength(2);
  });

  test('stops after five, and hands back the sixth', async () => {
    let count = 0;
    const loop: Answer = seen => to(`/loop?${++count}`)(seen);
    users.answers(loop);
    const { client } = openFollowing();
    expect(await client.get('/')).toMatchObject({ status: 302, headers: { location: '/loop?6' } });
    expect(users.requests).toHaveLength(6);
  });

  test('hands back a 307 for a body that cannot be sent again', async () => {
    users.answers(to('/b', 307));
    const { client } = openFollowing();
    expect(await client.post('/a', { body: new Blob(['x']).stream() })).toMatchObject({ status: 307 });
    expect(users.requests).toHaveLength(1);
  });

  test('asks auth once for the whole way, and sends it along', async () => {
    users.answers(to('/b'), to('/c'), json('c'));
    let asked = 0;
    const auth = () => {
      asked++;
      return 'Bearer t';
    };
    await openFollowing({ auth }).client.get('/a');
    expect(asked).toBe(1);
    expect(users.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer t'));
  });

  test('follows for streams', async () => {
    users.answers(to('/b'), json('b'));
    const { body } = await openFollowing().client.stream('GET', '/a');
    expect(Buffer.concat(await body.toArray()).toString()).toBe('"b"');
  });

  test('fails with the failing status at its end', async () => {
    users.answers(to('/b'), status(404));
    expect(await rejectionOf(openFollowing().client.get('/a'))).toMatchObject({ status: 404 });
  });

  test('takes its time from the one attempt', async () => {
    users.answers(to('/b'), silent);
    const { client, clock } = openFollowing({ retry: false, timeout: { connectMs: false } });
    const call = rejectionOf(client.get('/a'));
    await users.received(2);
    await clock.advance(8000);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'attempt' });
  });
});
