import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import { optionsFromEnv } from '../../../src/options/from-environment.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';

test('any environment gives options that a client takes, or a ConfigurationError', () => {
  const suffixes = [
    'SERVICE_URL',
    'SERVICE_TIMEOUT',
    'TOTAL_TIMEOUT',
    'CONNECT_TIMEOUT',
    'RETRY_ATTEMPTS',
    'RETRY_DELAY',
  ];
  const more = [
    'HEALTH_PATH',
    'HEALTH_INTERVAL',
    'BREAKER_FAILURE_RATIO',
    'BREAKER_MIN_THROUGHPUT',
    'BREAKER_OPEN',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '',
      '0',
      '1',
      '2.5',
      '1500ms',
      '30s',
      '2m',
      '/health',
      '0.5',
      'http://a',
      'http://a,http://b',
    ),
    fc.double().map(String),
    fc.webUrl(),
  );
  const env = fc.dictionary(fc.constantFrom(...[...suffixes, ...more].map(suffix => `A_${suffix}`)), text);
  const name = fc.oneof({ weight: 9, arbitrary: fc.constant('a') }, { weight: 1, arbitrary: fc.string() });
  fc.assert(
    fc.property(name, env, (name, env) => {
      try {
        resolveOptions(optionsFromEnv(name, env));
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
      }
    }),
    { numRuns: 1_000 },
  );
});
