import { describe, expect, test } from 'vitest';
import { refusedPort, sendJson } from '../support/http-server.ts';
import { ask } from '../wire/passthrough-gateway.ts';
import { GATEWAYS, startLine } from './gateways.ts';

describe.each(GATEWAYS)('a gateway on %s', (_name, start) => {
  test('answers a call with JSON', async () => {
    await using line = await startLine(start, (req, res) => sendJson(res, { asked: req.url }));
    const { status, headers, body } = await ask(line.port, { path: '/videos/a-b' });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json\b/);
    expect(JSON.parse(body.toString())).toEqual({ asked: '/videos/a-b' });
  });

  test.each([400, 404, 409, 422])('answers %d as it is, with the message of the service', async code => {
    await using line = await startLine(start, (_req, res) =>
      sendJson(res, { message: 'not that one' }, code),
    );
    const { status, headers, body } = await ask(line.port, { path: '/videos/7' });
    expect([status, headers['content-type']]).toEqual([code, 'application/problem+json']);
    expect(JSON.parse(body.toString())).toMatchObject({
      status: code,
      detail: 'not that one',
      service: 'media',
    });
    expect(line.upstream.requests.length).toBe(1);
  });

  test('answers 502 for a 500, and shows none of its text', async () => {
    await using line = await startLine(start, (_req, res) =>
      sendJson(res, { message: 'table is locked' }, 500),
    );
    const { status, headers, body } = await ask(line.port, { path: '/videos/7' });
    expect([status, headers['content-type']]).toEqual([502, 'application/problem+json']);
    expect(headers['x-should-retry']).toBe('false');
    expect(body.toString()).not.toContain('locked');
    expect(line.upstream.requests.length).toBe(3);
  });

  test('passes on when to come back', async () => {
    await using line = await startLine(start, (_req, res) => {
      res.writeHead(503, { 'retry-after': '3600' }).end();
    });
    const { status, headers } = await ask(line.port, { path: '/videos/7' });
    expect([status, headers['retry-after']]).toEqual([503, '3600']);
  });

  test.each(['/videos/7', '/videos/7/file'])('answers 503 to %s while the service is down', async path => {
    const gateway = await start(`http://127.0.0.1:${await refusedPort()}`);
    const { status, headers, body } = await ask(Number(new URL(gateway.url).port), { path });
    expect([status, headers['content-type']]).toEqual([503, 'application/problem+json']);
    expect(JSON.parse(body.toString())).toMatchObject({ status: 503, detail: 'media service unavailable' });
    await gateway.close();
  });

  test('leaves what is none of our business to the framework', async () => {
    await using line = await startLine(start);
    const { status, headers } = await ask(line.port, { path: '/nowhere' });
    expect(status).toBe(404);
    expect(headers['content-type']).not.toBe('application/problem+json');
    expect(line.upstream.requests.length).toBe(0);
  });
});
