import { HttpResponse } from 'msw';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DecodeError, type StandardSchemaV1, ValidationError } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { json, mockServices, status, text } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users] = mockServices('http://users.test');
const bytes =
  (...values: number[]) =>
  () =>
    new HttpResponse(new Uint8Array(values));

describe('without a responseType the content type decides:', () => {
  test('JSON is parsed', async () => {
    users.answers(text('{"a":1}', 'application/vnd.api+json'));
    expect(await openClient().client.get('/')).toMatchObject({ data: { a: 1 } });
  });

  test('text is text', async () => {
    users.answers(text('hällo', 'text/html; charset=utf-8'));
    expect(await openClient().client.get('/')).toMatchObject({ data: 'hällo' });
  });

  test('anything else is bytes', async () => {
    users.answers(bytes(0, 255, 128));
    expect(await openClient().client.get('/')).toMatchObject({ data: new Uint8Array([0, 255, 128]) });
  });
});

describe('a responseType overrules it:', () => {
  test('json, text and bytes', async () => {
    users.answers(text('[1]', 'text/plain'));
    const { client } = openClient();
    expect(await client.get('/', { responseType: 'json' })).toMatchObject({ data: [1] });
    expect(await client.get('/', { responseType: 'text' })).toMatchObject({ data: '[1]' });
    expect(await client.get('/', { responseType: 'bytes' })).toMatchObject({
      data: new Uint8Array([91, 49, 93]),
    });
  });

  test.each(['auto', 'json', 'text', 'bytes'] as const)(
    '%s gives undefined for an empty body',
    async responseType => {
      users.answers(status(200, { 'content-type': 'application/json' }));
      expect(await openClient().client.get('/', { responseType })).toMatchObject({ data: undefined });
    },
  );
});

describe('a body that is not what it should be', () => {
  test('is a DecodeError: sent once, a success for the circuit, never shown', async () => {
    users.answers(text('<html>secret</html>', 'application/json'));
    const { client } = openClient({ circuitBreaker: { minThroughput: 1, failureRatio: 0.1 } });
    const error = await rejectionOf(client.get('/'));
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).toMatchObject({ code: 'ERR_DECODE', status: 200, gatewayStatus: 502, service: 'users' });
    expect(error).toMatchObject({ attempts: [{ number: 1, status: 200 }] });
    expect(String(error)).not.toContain('secret');
    expect(users.requests).toHaveLength(1);
    expect(client.health()).toMatchObject({ status: 'up', endpoints: [{ circuit: 'closed' }] });
  });

  test('is a DecodeError for HTML where JSON was asked for', async () => {
    users.answers(text('<html>', 'text/html'));
    const error = await rejectionOf(openClient().client.get('/', { responseType: 'json' }));
    expect(error).toMatchObject({ code: 'ERR_DECODE', contentType: 'text/html' });
  });
});

describe('a schema', () => {
  const User = z.object({ id: z.number(), since: z.string().transform(day => new Date(day)) });

  test('gives the data as it converts it, and types it', async () => {
    users.answers(json({ id: 7, since: '2020-01-02', extra: true }));
    const { data } = await openClient().client.get('/', { schema: User });
    expect(data.since.getUTCFullYear()).toBe(2020);
    expect(data).toEqual({ id: 7, since: new Date('2020-01-02') });
  });

  test('that does not match is a ValidationError with its issues: sent once, a success for the circuit', async () => {
    users.answers(json({ id: 'seven', since: 'today' }));
    const { client } = openClient({ circuitBreaker: { minThroughput: 1, failureRatio: 0.1 } });
    const error = await rejectionOf(client.get('/', { schema: User }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({
      code: 'ERR_VALIDATION',
      gatewayStatus: 502,
      status: 200,
      issues: [{ path: 'id' }],
    });
    expect(users.requests).toHaveLength(1);
    expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed' }] });
  });

  test('sees undefined for an empty body', async () => {
    users.answers(status(204));
    const error = await rejectionOf(openClient().client.get('/', { schema: User }));
    expect(error).toMatchObject({ code: 'ERR_VALIDATION', status: 204 });
  });

  test('is not asked about a failing status', async () => {
    users.answers(json({ error: 'gone' }, { status: 404 }));
    const error = await rejectionOf(openClient().client.get('/', { schema: User }));
    expect(error).toMatchObject({ code: 'ERR_STATUS', data: { error: 'gone' } });
  });

  test('that throws is a ValidationError with its own error as the cause', async () => {
    const cause = new Error('schema broke');
    const schema: StandardSchemaV1<unknown, string> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw cause;
        },
      },
    };
    const error = await rejectionOf(openClient().client.get('/', { schema }));
    expect(error).toMatchObject({ code: 'ERR_VALIDATION', cause });
  });

  test('that never comes back is ended by the total time', async () => {
    const schema: StandardSchemaV1<unknown, string> = {
      '~standard': { version: 1, vendor: 'test', validate: () => new Promise(() => {}) },
    };
    const { client, clock, events } = openClient();
    const call = rejectionOf(client.get('/', { schema }));
    await events.waitFor('attempt:end');
    await clock.advance(30_000);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
  });
});
