import { firstDelayMs, NEVER_REACHED, type Tuning } from './contestant.ts';

/** cockatiel's retry, circuit and timeout. */
export async function cockatielPolicy(tuning: Tuning) {
  const {
    circuitBreaker,
    ConstantBackoff,
    ExponentialBackoff,
    handleAll,
    retry,
    SamplingBreaker,
    timeout,
    TimeoutStrategy,
    wrap,
  } = await import('cockatiel');
  const initialDelay = firstDelayMs(tuning);
  const backoff = tuning.retryAtOnce
    ? new ConstantBackoff(initialDelay)
    : new ExponentialBackoff({ initialDelay });
  // This circuit sees each attempt, and every first one fails then.
  const minimumRps = tuning.retryAtOnce ? NEVER_REACHED : 1;
  return wrap(
    retry(handleAll, { maxAttempts: 2, backoff }),
    circuitBreaker(handleAll, {
      halfOpenAfter: 5_000,
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000, minimumRps }),
    }),
    timeout(8_000, TimeoutStrategy.Aggressive),
  );
}
