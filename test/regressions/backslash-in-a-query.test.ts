import { expect, test } from 'vitest';
import { InvalidRequestError, ServiceClient } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';

test('a backslash is refused anywhere in the path of a call', async () => {
  await using server = await startServer();
  await using client = new ServiceClient({ name: 'users', baseUrl: server.url });
  for (const path of ['/a\\b', '/a?b=//evil.test\\']) {
    await expect(client.get(path)).rejects.toThrow(InvalidRequestError);
  }
  expect(server.requests).toEqual([]);
});
