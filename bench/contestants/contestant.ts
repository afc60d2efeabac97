/** One way of calling the bench server. Each checks the status and hands back parsed data, as an application would need it. */
export interface Contestant {
  get(path: string): Promise<unknown>;
  post(path: string): Promise<unknown>;
}

/** What a job needs changed, the same for everybody. */
export interface Tuning {
  /** Backoff as short as everybody's options allow, and no limit on how much is retried. */
  readonly retryAtOnce: boolean;
  /** Sockets to an endpoint. */
  readonly sockets: number;
}

/** Makes a contestant for a server at `url`. */
export type MakeContestant = (url: string, tuning: Tuning) => Contestant | Promise<Contestant>;

export const AS_USUAL: Tuning = { retryAtOnce: false, sockets: 1_000 };
export const RETRY_AT_ONCE: Tuning = { ...AS_USUAL, retryAtOnce: true };
/** For thousands of calls in flight, or clients. */
export const CROWD: Tuning = { ...AS_USUAL, sockets: 10_000 };

/** Calls that a circuit waits for in vain before it may open. */
export const NEVER_REACHED = 1_000_000;

/** The first wait before a retry. */
export const firstDelayMs = ({ retryAtOnce }: Tuning) => (retryAtOnce ? 1 : 100);

export const GET_PATH = '/users/7';
export const POST_PATH = '/users';
/** Answered when the server is told to. */
export const WAIT_PATH = '/wait';
/** Answered on a connection that is closed then. */
export const LAST_PATH = '/last';

/** Answered with 503 once, and then with 200: another one each time. */
let flakyCalls = 0;
export const flakyPath = () => `/flaky/${process.pid}-${flakyCalls++}`;

/** About 1 KB as JSON. */
export const POSTED = {
  name: 'Ada',
  tags: Array.from({ length: 20 }, (_, index) => `tag-${index}`),
  text: 'x'.repeat(750),
};

export const POSTED_JSON = JSON.stringify(POSTED);

export const JSON_TYPE = { 'content-type': 'application/json' };

/** What a hand-made client takes for a failure. */
export function assertOk(status: number): void {
  if (status >= 500) throw new Error(`status ${status}`);
}
