import { validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextHeaders, deadlineHeader } from '../../../src/context/propagated-headers.ts';

const context = {
  requestId: 'r-1',
  jobId: 42,
  traceparent: '00-ab-cd-01',
  tracestate: 'a=1,b=2',
  tenant: 'secret',
};
const ids = {
  'x-request-id': 'r-1',
  'x-job-id': '42',
  traceparent: '00-ab-cd-01',
  tracestate: 'a=1,b=2',
};

describe('contextHeaders', () => {
  test('carries the ids and nothing else of the context', () => {
    expect(contextHeaders(context)).toEqual(ids);
  });

  test.each([
    ['line breaks', 'a\r\nx-admin: 1'],
    ['a trailing line break', 'a\n'],
    ['NUL', 'a\0b'],
    ['more than a byte', 'a☃'],
    ['nothing', ''],
    ['only spaces', '  '],
    ['no number', Number.NaN],
    ['an object', { toString: () => 'a' }],
    ['a list', ['a']],
    ['null', null],
    ['undefined', undefined],
    ['true', true],
  ])('leaves out an id of %s', (_, requestId) => {
    expect(contextHeaders({ requestId, jobId: 'j1' })).toEqual({ 'x-job-id': 'j1' });
  });

  test('keeps 0', () => {
    expect(contextHeaders({ jobId: 0 })).toEqual({ 'x-job-id': '0' });
  });

  test('makes only values that Node accepts, of any context', () => {
    const text = fc.array(fc.integer({ min: 0, max: 0x200 })).map(units => String.fromCharCode(...units));
    const value = fc.oneof(text, fc.string(), fc.double(), fc.constantFrom(null, undefined, true, {}, []));
    fc.assert(
      fc.property(fc.record({ requestId: value, jobId: value, tracestate: value }), any => {
        for (const [name, text] of Object.entries(contextHeaders(any))) validateHeaderValue(name, text);
      }),
    );
  });
});

describe('deadlineHeader', () => {
  test.each([
    [1500.9, '1500'],
    [0.4, '0'],
    [-20, '0'],
    [1e300, '2147483647'],
    [Number.POSITIVE_INFINITY, '2147483647'],
  ])('writes %d ms as %s', (remainingMs, text) => {
    expect(deadlineHeader(remainingMs)).toEqual({ 'x-envoy-expected-rq-timeout-ms': text });
  });
});
