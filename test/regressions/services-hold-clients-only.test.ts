import { expect, test } from 'vitest';
import { defineServices, ServiceClient } from '../../src/index.ts';

test('going through the services finds clients only', async () => {
  await using services = defineServices({
    users: { baseUrl: 'http://users.test' },
    youtube: { baseUrl: 'http://youtube.test' },
  });

  expect(Object.keys(services)).toEqual(['users', 'youtube']);
  for (const client of Object.values(services)) expect(client).toBeInstanceOf(ServiceClient);
  expect(services.health()).toMatchObject({ status: 'unknown' });
});
