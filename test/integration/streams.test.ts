import { gzipSync } from 'node:zlib';
import { HttpResponse } from 'msw';
import { describe, expect, test } from 'vitest';
import { StatusError } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { broken, json, mockServices, status, text } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

describe('a stream', () => {
  test('is not decoded, buffered or limited in size', async () => {
    users.answers(text('{"not json', 'application/json'));
    const { client } = openClient({ limits: { maxResponseBytes: 1 } });
    const { body } = await client.stream('GET', '/');
    expect(Buffer.concat(await body.toArray()).toString()).toBe('{"not json');
  });

  test('takes a body like any call, and a method in lower case', async () => {
    const { client } = openClient();
    const { body } = await client.stream('post', '/', { json: [1] });
    body.resume();
    expect(users.requests).toMatchObject([{ method: 'POST', body: '[1]' }]);
  });

  test('is unpacked, unless decompress is false', async () => {
    const packed = gzipSync('hello');
    users.answers(() => new HttpResponse(packed, { headers: { 'content-encoding': 'gzip' } }));
    const { client } = openClient();
    const unpacked = await client.stream('GET', '/');
    expect(Buffer.concat(await unpacked.body.toArray()).toString()).toBe('hello');
    const raw = await client.stream('GET', '/', { decompress: false });
    expect(raw.headers['content-encoding']).toBe('gzip');
    expect(Buffer.concat(await raw.body.toArray()).equals(packed)).toBe(true);
  });

  test('is retried until the head arrives', async () => {
    users.answers(status(503), broken, text('video', 'video/mp4'));
    const { client } = openClient({ retry: { backoff: { baseDelayMs: 0 } } });
    const { body, attempts } = await client.stream('GET', '/');
    expect(Buffer.concat(await body.toArray()).toString()).toBe('video');
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['response', 'error', 'response']);
  });

  test('hands a redirect back', async () => {
    users.answers(status(302, { location: '/there' }));
    const { client } = openClient();
    const response = await client.stream('GET', '/');
    response.body.resume();
    expect(response).toMatchObject({ status: 302, headers: { location: '/there' } });
    expect(await response.completed).toMatchObject({ bytes: 0 });
  });
});

describe('a failing status of a stream', () => {
  test('is a StatusError with its body', async () => {
    users.answers(json({ error: 'gone' }, { status: 404 }));
    const error = await rejectionOf(openClient().client.stream('GET', '/'));
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({ status: 404, data: { error: 'gone' } });
  });

  test('keeps at most maxErrorBodyBytes of it', async () => {
    users.answers(text('x'.repeat(10_000), 'text/plain', { status: 400 }));
    const { client } = openClient({ limits: { maxErrorBodyBytes: 10 } });
    expect(await rejectionOf(client.stream('GET', '/'))).toMatchObject({ data: 'xxxxxxxxxx' });
  });
});
