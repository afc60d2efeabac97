import { describe, expect, test } from 'vitest';
import type { NetworkPhase } from '../../../src/errors/network-error.ts';
import { NetworkError } from '../../../src/errors/network-error.ts';
import { StatusError } from '../../../src/errors/status-error.ts';
import { endpoint, everyError, service } from '../errors/every-error.ts';
import { codeIn, readPage, tableWith } from './markdown.ts';

const { rows } = tableWith(readPage('README.md'), 'class', 'code', 'own fields', 'gatewayStatus');
const errors = new Map(everyError().map(error => [error.name, error]));

/** Where it depends on more than the class: in the words of the table, put together from what the class does. */
const DEPENDING: Readonly<Record<string, () => string>> = {
  StatusError: () => {
    const answers = range(500, 599).map(status => [status, statusError(status).gatewayStatus] as const);
    const kept = answers
      .filter(([status, answer]) => status === answer && status !== 502)
      .map(([status]) => status);
    const others = new Set(answers.filter(([status]) => !kept.includes(status)).map(([, answer]) => answer));
    const clientErrors = range(400, 499).every(status => statusError(status).gatewayStatus === status);
    return `${clientErrors ? '4xx' : ''}, ${kept.join(', ')} as they are; other 5xx ${[...others].join()}`;
  },
  NetworkError: () => {
    const phases: NetworkPhase[] = ['lookup', 'connect', 'tls', 'request', 'response', 'body'];
    const bad = phases.filter(phase => new NetworkError({ service, endpoint, phase }).gatewayStatus === 502);
    return `503; in phase \`${bad.join()}\` 502`;
  },
};

test('the README lists every error class, once', () => {
  expect(rows.map(row => row.class).sort()).toEqual([...errors.keys()].map(name => `\`${name}\``).sort());
});

describe.each(rows)('$class in the README', row => {
  const [name = ''] = codeIn(row.class ?? '');
  const error = errors.get(name);

  test('has the code of its class', () => {
    expect(codeIn(row.code ?? '')).toEqual([error?.code]);
  });

  test('has the gateway status of its class', () => {
    const expected = DEPENDING[name]?.() ?? String(error?.gatewayStatus);
    expect(row.gatewayStatus).toBe(expected);
  });

  test('has fields that its errors have', () => {
    expect(codeIn(row['own fields'] ?? '').filter(field => !(field in Object(error)))).toEqual([]);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function statusError(status: number): StatusError {
  return new StatusError({ service, endpoint, status, headers: {}, data: undefined, method: 'GET' });
}
