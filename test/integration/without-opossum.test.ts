import { expect, test, vi } from 'vitest';
import { rejectionOf } from '../support/transport-request.ts';
import { mockServices, status } from './mocked-services.ts';
import { openClient } from './test-client.ts';

vi.mock('opossum', () => ({
  default: class {
    readonly opened = false;
    readonly status = { window: [] };
    async fire(): Promise<void> {}
    open(): void {}
    shutdown(): void {}
  },
}));

const [users] = mockServices('http://users.test');

test('an opossum that counts nothing leaves every circuit closed: nothing else opens one', async () => {
  users.answers(status(500));
  const { client, events } = openClient({
    retry: false,
    circuitBreaker: { minThroughput: 1, failureRatio: 0.1 },
  });
  for (let call = 0; call < 20; call++) await rejectionOf(client.get('/'));
  expect(users.requests).toHaveLength(20);
  expect(events.names).not.toContain('circuit:open');
  expect(client.health().endpoints).toMatchObject([{ circuit: 'closed' }]);
});
