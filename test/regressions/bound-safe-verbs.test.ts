import { expect, test } from 'vitest';
import { ServiceClient } from '../../src/index.ts';

test('safe verbs taken off their object still never throw', async () => {
  await using client = new ServiceClient({ name: 'users', baseUrl: 'http://users.test' });
  const { get, request } = client.safe;

  expect(await get('//elsewhere')).toMatchObject({ ok: false, status: 500 });
  expect(await request('GET', '//elsewhere')).toMatchObject({ ok: false, status: 500 });
});
