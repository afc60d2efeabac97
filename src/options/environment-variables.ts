import type { Issue } from '../errors/issue.ts';
import { quote } from './describe-value.ts';
import { parseDuration } from './duration.ts';
import { type PlainObject, setAt } from './plain-object.ts';

interface Kind {
  /** `undefined` for a text that is none. */
  readonly parse: (text: string) => unknown;
  readonly expected: string;
}

const duration: Kind = { parse: parseDuration, expected: 'seconds or a duration such as "500ms"' };
const count: Kind = {
  parse: text => (/^\d+$/.test(text) ? Number(text) : undefined),
  expected: 'a whole number',
};
const share: Kind = {
  parse: text => (/^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined),
  expected: 'a share such as "0.5"',
};
const anyText: Kind = { parse: text => text, expected: 'a text' };

const VARIABLES: readonly (readonly [suffix: string, path: string, kind: Kind])[] = [
  ['SERVICE_TIMEOUT', 'timeout.attemptMs', duration],
  ['TOTAL_TIMEOUT', 'timeout.totalMs', duration],
  ['CONNECT_TIMEOUT', 'timeout.connectMs', duration],
  ['RETRY_ATTEMPTS', 'retry.maxAttempts', count],
  ['RETRY_DELAY', 'retry.backoff.baseDelayMs', duration],
  ['HEALTH_PATH', 'probe.path', anyText],
  ['HEALTH_INTERVAL', 'probe.intervalMs', duration],
  ['BREAKER_FAILURE_RATIO', 'circuitBreaker.failureRatio', share],
  ['BREAKER_MIN_THROUGHPUT', 'circuitBreaker.minThroughput', count],
  ['BREAKER_OPEN', 'circuitBreaker.openMs', duration],
];

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the variables of one service say. */
export interface EnvironmentReading {
  readonly options: PlainObject;
  /** Variables whose text is not what they hold. */
  readonly issues: readonly Issue[];
  /** The variable behind an option's path, to name it when the value turns out wrong. */
  readonly sources: ReadonlyMap<string, string>;
}

/** `youtube-dl` → `YOUTUBE_DL` */
export function environmentPrefix(name: string): string {
  return name.replace(/[-.]/g, '_').toUpperCase();
}

/** Reads the variables of one service; those that are unset or empty say nothing. */
export function readEnvironment(name: string, env: Environment): EnvironmentReading {
  const prefix = environmentPrefix(name);
  const options: PlainObject = {};
  const issues: Issue[] = [];
  const urls = readUrls(textOf(env, `${prefix}_SERVICE_URL`));
  const sources = new Map([[urls.path, `${prefix}_SERVICE_URL`]]);
  if (urls.value !== undefined) options[urls.path] = urls.value;
  for (const [suffix, path, { parse, expected }] of VARIABLES) {
    const variable = `${prefix}_${suffix}`;
    const text = textOf(env, variable);
    if (text === '') continue;
    const value = parse(text);
    sources.set(path, variable);
    if (value !== undefined) setAt(options, path, value);
    else issues.push({ path: `${variable} → ${path}`, message: `expected ${expected}, got ${quote(text)}` });
  }
  return { options, issues, sources };
}

function readUrls(text: string): { path: string; value: string | string[] | undefined } {
  if (text === '') return { path: 'baseUrl', value: undefined };
  if (!text.includes(',')) return { path: 'baseUrl', value: text };
  return { path: 'endpoints', value: text.split(',').map(url => url.trim()) };
}

function textOf(env: Environment, variable: string): string {
  const value: unknown = env[variable];
  return value === undefined || value === null ? '' : String(value).trim();
}
