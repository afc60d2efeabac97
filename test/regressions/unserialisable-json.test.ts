import { expect, test } from 'vitest';
import { InvalidRequestError, ServiceClient } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';

// What the caller's own `toJSON` threw was lost: the refusal of the body had no cause.

const client = new ServiceClient({ name: 'users', baseUrl: 'http://users.test' });

test('what a toJSON of the caller threw is the cause of the refusal, and in none of its texts', async () => {
  const thrown = new TypeError('hunter2');
  const json = {
    toJSON() {
      throw thrown;
    },
  };
  const error = (await rejectionOf(client.post('/', { json }))) as InvalidRequestError;
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(error.cause).toBe(thrown);
  expect(error.issues).toEqual([
    { path: 'json', message: 'cannot be written as JSON: serialising it threw an error' },
  ]);
  expect(error.message + JSON.stringify(error)).not.toContain('hunter2');
});

test('what JSON itself refuses has no cause: the engine quotes the keys', async () => {
  const json: Record<string, unknown> = { n: 1 };
  json.secretKey = json;
  const error = (await rejectionOf(client.post('/', { json }))) as InvalidRequestError;
  expect(error.cause).toBeUndefined();
});
