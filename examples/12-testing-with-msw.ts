import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ServiceClient } from 'holdfast';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';

// #region gateway
/** What is tested: your own code, which gets its client from outside. */
async function showUser(users: ServiceClient, id: number): Promise<{ status: number; body: unknown }> {
  const result = await users.safe.get('/users/{id}', { params: { id } });
  return result.ok
    ? { status: 200, body: result.data }
    : { status: result.status, body: { message: result.message } };
}
// #endregion

// #region setup
const users = new ServiceClient({
  name: 'users',
  baseUrl: 'http://users.test',
  retry: { backoff: { baseDelayMs: 0 } }, // retries without waiting
  circuitBreaker: false, // no state that leaks from test to test
});
const server = setupServer();
before(() => server.listen({ onUnhandledFrame: 'error' })); // msw 3: `onUnhandledRequest` is ignored
afterEach(() => server.resetHandlers());
after(async () => {
  server.close();
  await users.close();
});
// #endregion

// #region test
test('a service that recovers is not noticed', async () => {
  const statuses = [503, 200];
  server.use(
    http.get('http://users.test/users/7', () =>
      HttpResponse.json({ id: 7 }, { status: statuses.shift() ?? 500 }),
    ),
  );
  assert.deepEqual(await showUser(users, 7), { status: 200, body: { id: 7 } });
});

test('a service that is down is answered with 503', async () => {
  server.use(http.get('http://users.test/users/7', () => HttpResponse.error()));
  assert.deepEqual(await showUser(users, 7), { status: 503, body: { message: 'users service unavailable' } });
});
// #endregion

test('a 404 keeps its message', async () => {
  server.use(
    http.get('http://users.test/users/8', () => HttpResponse.json({ message: 'no user 8' }, { status: 404 })),
  );
  assert.deepEqual(await showUser(users, 8), { status: 404, body: { message: 'no user 8' } });
});
