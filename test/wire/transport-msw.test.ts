import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cancellation } from '../../src/time/cancellation.ts';
import { openTransport, rejectionOf, requestTo, textOf } from '../support/transport-request.ts';

const ORIGINS = ['http://users.test', 'https://users.test'];
const never = new Promise<never>(() => {});

const server = setupServer(
  ...ORIGINS.flatMap(origin => [
    http.get(`${origin}/ok`, () => HttpResponse.json({ ok: true })),
    http.post(`${origin}/echo`, async ({ request }) => HttpResponse.text(await request.text())),
    http.get(`${origin}/broken`, () => HttpResponse.error()),
    http.get(`${origin}/hanging`, () => never),
  ]),
);

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterAll(() => server.close());

test.each(ORIGINS)('%s answers what its handlers say', async origin => {
  await using transport = openTransport();
  for (let count = 0; count < 3; count++) {
    expect(await textOf(await transport.send(requestTo(`${origin}/ok`)))).toBe('{"ok":true}');
  }
  const body = { kind: 'buffered', bytes: 'hello' } as const;
  expect(await textOf(await transport.send(requestTo(`${origin}/echo`, { method: 'POST', body })))).toBe(
    'hello',
  );
});

test.each(ORIGINS)('an error response of %s is a network failure', async origin => {
  await using transport = openTransport();
  const error = await rejectionOf(transport.send(requestTo(`${origin}/broken`)));
  expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'response', neverSent: false });
});

test.each(ORIGINS)('a hanging answer of %s can be cancelled', async origin => {
  await using transport = openTransport();
  const cancellation = new Cancellation();
  const sent = rejectionOf(transport.send(requestTo(`${origin}/hanging`, { cancellation })));
  setTimeout(() => cancellation.cancel('left'), 20);
  expect(await sent).toBe('left');
});
