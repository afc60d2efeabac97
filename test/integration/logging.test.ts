import { describe, expect, test, vi } from 'vitest';
import { broken, json, mockServices, status } from './mocked-services.ts';
import { openSkippingClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

function keepingLogger() {
  const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: fields as Record<string, unknown>, message });
  };
  return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

const context = { requestId: 'r1', jobId: 'j1' };

describe('the logger gets', () => {
  test('every attempt with its number, reason, endpoint and context, failures as warnings', async () => {
    users.answers(broken, json({}));
    const { lines, logger } = keepingLogger();
    const { client } = openSkippingClient({ logger });
    await client.get('/{id}', { params: { id: 1 }, context });
    const attempts = lines.filter(({ fields }) => fields.event === 'attempt:end');
    expect(attempts).toMatchObject([
      {
        level: 'warn',
        fields: {
          service: 'users',
          attempt: 1,
          endpoint: 'http://users.test',
          outcome: 'error',
          code: 'ERR_NETWORK',
          reason: expect.stringContaining('http://users.test'),
          context,
          route: '/{id}',
        },
        message: expect.stringMatching(
          /^users: attempt 1 of GET \/\{id\} failed at http:\/\/users\.test after 0 ms: ./,
        ),
      },
      { level: 'debug', fields: { attempt: 2, outcome: 'response', status: 200, context } },
    ]);
  });

  test('every retry with its delay and reason', async () => {
    users.answers(status(503), json({}));
    const { lines, logger } = keepingLogger();
    await openSkippingClient({ logger }).client.get('/', { context });
    expect(lines.filter(({ fields }) => fields.event === 'retry:scheduled')).toMatchObject([
      {
        level: 'info',
        fields: {
          attempt: 1,
          delayMs: 100,
          source: 'backoff',
          reason: 'users: 503 from http://users.test',
          context,
        },
        message: 'users: retrying GET in 100 ms (backoff): 503 from http://users.test',
      },
    ]);
  });

  test('every probe and circuit change', async () => {
    users.answers(status(500), status(500), json({}));
    const { lines, logger } = keepingLogger();
    const { client } = openSkippingClient({
      logger,
      circuitBreaker: { minThroughput: 1, failureRatio: 1 },
      retry: false,
    });
    await client.safe.get('/');
    await client.probe();
    await client.probe();
    const told = lines.map(({ level, fields }) => `${level} ${fields.event}`);
    expect(told).toEqual(
      expect.arrayContaining(['warn circuit:open', 'warn probe:failure', 'debug probe:success']),
    );
  });

  test('nothing secret', async () => {
    users.answers(json({ message: 'upstream-secret' }, { status: 500 }));
    const { lines, logger } = keepingLogger();
    const { client } = openSkippingClient({ logger, auth: () => 'auth-secret' });
    await client.safe.post('/path-secret?q=query-secret', { json: 'body-secret' });
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});

test('a logger that throws never breaks a call', async () => {
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const broke = () => {
    throw new Error('disk full');
  };
  const logger = { debug: broke, info: broke, warn: broke, error: broke };
  users.answers(status(503), json({}));
  expect(await openSkippingClient({ logger }).client.get('/')).toMatchObject({ status: 200 });
  expect(warnings).toHaveBeenCalledOnce();
  warnings.mockRestore();
});
