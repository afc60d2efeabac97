import { expect, test } from 'vitest';
import { dnsDiscovery } from '../../../src/discovery/dns-discovery.ts';
import { pollingDiscovery } from '../../../src/discovery/polling-discovery.ts';
import { staticDiscovery } from '../../../src/discovery/static-discovery.ts';
import { settlePromises } from '../../support/manual-clock.ts';

test('a static discovery yields its list once and ends when aborted', async () => {
  const list = ['http://a', { url: 'http://b', weight: 2 }];
  const abort = new AbortController();
  const watch = staticDiscovery(list).watch(abort.signal)[Symbol.asyncIterator]();
  list.length = 0;
  expect(await watch.next()).toEqual({ done: false, value: ['http://a', { url: 'http://b', weight: 2 }] });
  let ended = false;
  const end = watch.next().then(step => {
    ended = true;
    return step;
  });
  await settlePromises();
  expect(ended).toBe(false);
  abort.abort();
  expect(await end).toMatchObject({ done: true });
});

test('a static discovery that is aborted already ends after its list', async () => {
  const watch = staticDiscovery(['http://a']).watch(AbortSignal.abort())[Symbol.asyncIterator]();
  await watch.next();
  expect(await watch.next()).toMatchObject({ done: true });
});

test('discoveries that are not built yet say so', () => {
  const refusal = expect.objectContaining({
    code: 'ERR_CONFIGURATION',
    message: expect.stringContaining('not available yet'),
  });
  expect(() => dnsDiscovery({ hostname: 'users.local', type: 'A', intervalMs: 1_000 })).toThrow(refusal);
  expect(() => pollingDiscovery({ intervalMs: 1_000, resolve: () => [] })).toThrow(refusal);
});
