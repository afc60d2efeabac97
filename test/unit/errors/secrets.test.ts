import { inspect } from 'node:util';
import { serialize } from 'node:v8';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { AnyServiceClientError } from '../../../src/errors/any-service-client-error.ts';
import { NetworkError } from '../../../src/errors/network-error.ts';
import type { ServiceClientError } from '../../../src/errors/service-client-error.ts';
import { StatusError } from '../../../src/errors/status-error.ts';
import { endpoint, everyError, SECRET, service } from './every-error.ts';

type Printer = (error: ServiceClientError) => string;

const flags = [true, false];
const inspections = flags.flatMap(showHidden =>
  [true, false, 'get' as const].flatMap(getters =>
    flags.flatMap(customInspect =>
      flags.map(colors => ({
        showHidden,
        getters,
        customInspect,
        colors,
        depth: null,
        maxStringLength: null,
      })),
    ),
  ),
);

function inspectEveryWay(value: unknown): string {
  return inspections.map(options => inspect(value, options)).join('\n');
}

function logged(error: ServiceClientError): string {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  logger.error(error, 'failed');
  logger.error({ err: error, error }, 'failed');
  return lines.join('\n');
}

/** Everything that is reached without calling an accessor of the prototype. */
function ownProperties(error: object): string {
  return Reflect.ownKeys(error)
    .map(key => `${String(key)}=${inspectEveryWay(Reflect.get(error, key))}`)
    .join('\n');
}

const printers: Record<string, Printer> = {
  message: error => error.message,
  stack: error => error.stack ?? '',
  String: error => String(error),
  'inspect in every combination of options': inspectEveryWay,
  'inspect of an object that inherits from it': error => inspectEveryWay(Object.create(error)),
  'inspect inside other objects': error => inspectEveryWay({ deep: [new Error('outer', { cause: error })] }),
  'JSON.stringify': error => JSON.stringify({ error }),
  toJSON: error => inspectEveryWay(error.toJSON()),
  'Object.entries': error => inspectEveryWay(Object.entries(error)),
  spread: error => inspectEveryWay({ ...error }),
  'for in': error => {
    const copy: Record<string, unknown> = {};
    for (const key in error) copy[key] = Reflect.get(error, key);
    return inspectEveryWay(copy);
  },
  'own properties': ownProperties,
  'own descriptors': error => inspectEveryWay(Object.getOwnPropertyDescriptors(error)),
  pino: logged,
  structuredClone: error => inspectEveryWay(structuredClone(error)),
  'v8.serialize': error => serialize(error).toString('latin1'),
  'its cause': error => ownProperties((error.cause as object | undefined) ?? {}),
};

describe.each(Object.entries(printers))('%s', (_way, print) => {
  test.each(everyError().map(error => [error.name, error] as const))(
    'of a %s shows no secret',
    (_name, error) => {
      expect(print(error)).not.toContain(SECRET);
    },
  );

  test.each(everyError().map(error => [error.name, error] as const))(
    'of a %s shows no secret once its attempts are known',
    (_name, error) => {
      const attempt = { number: 1, endpoint, durationMs: 5, outcome: 'error', code: error.code } as const;
      error.withAttempts([attempt, { ...attempt, number: 2 }], 20, 'request-1');
      expect(print(error)).not.toContain(SECRET);
    },
  );
});

test('inspecting the classes themselves neither shows a secret nor throws', () => {
  for (const error of everyError()) expect(inspectEveryWay(error.constructor)).not.toContain(SECRET);
});

test('what inspect must not show is there when asked for', () => {
  const byName = (name: AnyServiceClientError['name']) => everyError().filter(error => error.name === name);
  for (const error of byName('StatusError')) {
    expect(error).toMatchObject({
      headers: { authorization: SECRET },
      data: { message: SECRET },
      problem: { detail: SECRET },
    });
  }
  for (const error of byName('NetworkError')) {
    expect(error.rawCause).toMatchObject({ options: { headers: { authorization: `Bearer ${SECRET}` } } });
  }
  expect(Reflect.get(byName('DecodeError')[0]!, 'contentType')).toContain(SECRET);
  expect(Reflect.get(byName('ValidationError')[0]!, 'issues')).toMatchObject([
    { path: `records.${SECRET}`, message: `expected a number, got "${SECRET}"` },
  ]);
});

test('a subclass of an error hides as much as the error', () => {
  class AuditedError extends StatusError {}
  const headers = { authorization: SECRET };
  const error = new AuditedError({ service, endpoint, status: 500, headers, data: SECRET, method: 'GET' });
  for (const print of Object.values(printers)) expect(print(error)).not.toContain(SECRET);
  expect(error.data).toBe(SECRET);
});

test('accessors answer undefined instead of throwing for what is not the error itself', () => {
  expect(StatusError.prototype.headers).toBeUndefined();
  expect(StatusError.prototype.data).toBeUndefined();
  expect(StatusError.prototype.problem).toBeUndefined();
  expect(StatusError.prototype.rawCause).toBeUndefined();
  expect(NetworkError.prototype.neverSent).toBe(false);
  expect(NetworkError.prototype.staleConnection).toBe(false);
});
