/** One way of calling the bench server. Each checks the status and hands back parsed data, as an application would need it. */
export interface Contestant {
  get(): Promise<unknown>;
  post(): Promise<unknown>;
  close?(): unknown;
}

/** Makes a contestant for a server at `url`. */
export type MakeContestant = (url: string) => Contestant | Promise<Contestant>;

export const GET_PATH = '/users/7';
export const POST_PATH = '/users';

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
