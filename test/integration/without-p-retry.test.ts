import { expect, test, vi } from 'vitest';
import { rejectionOf } from '../support/transport-request.ts';
import { json, mockServices, status } from './mocked-services.ts';
import { openSkippingClient } from './test-client.ts';

vi.mock('p-retry', () => ({ default: async (attempt: (number: number) => unknown) => attempt(1) }));

const [users] = mockServices('http://users.test');

test('a p-retry that never resends leaves every call with its first attempt: nothing else resends', async () => {
  users.answers(status(503), json({}));
  const { client, events } = openSkippingClient();
  expect(await rejectionOf(client.get('/'))).toMatchObject({ status: 503, attempts: [{ number: 1 }] });
  expect(users.requests).toHaveLength(1);
  expect(events.names).not.toContain('retry:scheduled');
});
