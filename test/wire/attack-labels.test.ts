import { describe, expect, test } from 'vitest';
import { EventRecorder } from '../support/event-recorder.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { openClient } from './open-client.ts';

/** Fields of events whose values may become labels of a metric: each must have few. */
const LABELS = [
  'service',
  'method',
  'route',
  'endpoint',
  'outcome',
  'status',
  'code',
  'source',
  'refused',
] as const;

const CALLS = 60;

function labelsOf(events: EventRecorder): Map<string, Set<unknown>> {
  const seen = new Map<string, Set<unknown>>();
  for (const { fields } of events.all) {
    for (const label of LABELS) {
      const value = (fields as Record<string, unknown>)[label];
      if (value !== undefined) seen.set(label, (seen.get(label) ?? new Set()).add(value));
    }
  }
  return seen;
}

describe('labels', () => {
  test('stay few however many paths, ids and queries there are', async () => {
    await using server = await startServer((_req, res, seen) =>
      sendJson(res, {}, seen.url.includes('7') ? 503 : 200),
    );
    await using client = openClient(server, { circuitBreaker: false });
    const events = EventRecorder.of(client);
    for (let id = 0; id < CALLS; id++) {
      await client.safe.get(`/raw/${id}`, { query: { page: id } });
      await client.safe.get('/users/{id}', { params: { id } });
      await client.safe.get(`/orders/${id}`, { route: '/orders/:id' });
      await client.fetch(`/fetched/${id}`).then(response => response.text());
    }
    const labels = labelsOf(events);
    expect(labels.get('route')).toEqual(new Set(['/users/{id}', '/orders/:id']));
    for (const [label, values] of labels) expect([label, values.size <= 4]).toEqual([label, true]);
  });

  test('nor does anything else in an event hold a raw path', async () => {
    await using server = await startServer((_req, res, seen) =>
      sendJson(res, {}, seen.url.includes('fail') ? 503 : 200),
    );
    await using client = openClient(server);
    const events = EventRecorder.of(client);
    await client.safe.get('/private-id/fail', { query: { q: 'private-id' } });
    await client.safe.post('/private-id/fail');
    await (await client.stream('GET', '/private-id')).body.toArray();
    while (client.health().endpoints[0]?.circuit === 'closed') await client.safe.get('/private-id/fail');
    expect(new Set(events.names).size).toBeGreaterThan(7);
    expect(JSON.stringify(events.all)).not.toContain('private-id');
  });
});
