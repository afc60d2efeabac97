import { setTimeout } from 'node:timers/promises';
import type { ServiceClient } from 'holdfast';
import type { CallLog } from './call-log.ts';
import type { Checks } from './checks.ts';
import type { Child } from './child.ts';
import type { Downloaded, DriverCommands, GatewayAnswer, Progress } from './driver.ts';
import { row } from './terminal.ts';

const PATIENCE_MS = 10_000;

/** An answer as the gateway's client got it; the id leads to what the gateway had to do for it. */
export type Played<Answer = GatewayAnswer> = Answer & { readonly requestId: string };

interface StageInit {
  readonly gatewayUrl: string;
  readonly driver: Child<DriverCommands>;
  readonly youtube: ServiceClient;
  readonly log: CallLog;
  readonly checks: Checks;
  readonly retries: boolean;
}

/** Where the demo plays: a client of the gateway, and what is known of the gateway from inside. */
export class Stage {
  readonly youtube: ServiceClient;
  readonly log: CallLog;
  readonly checks: Checks;
  /** The settings leave room for a second attempt. */
  readonly retries: boolean;
  /** Requests of the gateway's client so far. */
  played = 0;
  /** Those that were not answered as expected. */
  readonly surprises: string[] = [];
  downloaded: Downloaded | undefined;
  readonly #gatewayUrl: string;
  readonly #driver: Child<DriverCommands>;

  constructor({ gatewayUrl, driver, youtube, log, checks, retries }: StageInit) {
    this.#gatewayUrl = gatewayUrl;
    this.#driver = driver;
    this.youtube = youtube;
    this.log = log;
    this.checks = checks;
    this.retries = retries;
  }

  /** `POST /info`; any status will do unless one is expected. */
  async info(link: string, expected?: number): Promise<Played> {
    const requestId = this.#nextId('info');
    const url = `${this.#gatewayUrl}/info`;
    const answer = await this.#driver.ask('call', { method: 'POST', url, requestId, json: { url: link } });
    return this.#judged(requestId, answer, expected);
  }

  async get(name: string, path: string, expected?: number): Promise<Played> {
    const requestId = this.#nextId(name);
    const answer = await this.#driver.ask('call', { method: 'GET', url: this.#gatewayUrl + path, requestId });
    return this.#judged(requestId, answer, expected);
  }

  /** `GET /download/{id}`; the client stands still halfway, for `pauseMs`. */
  async download(
    id: string,
    pauseMs: number,
    onProgress: (progress: Progress) => void,
  ): Promise<Played<Downloaded>> {
    this.#driver.onNews = news => onProgress(news as Progress);
    const requestId = this.#nextId('download');
    const url = `${this.#gatewayUrl}/download/${id}`;
    const answer = await this.#driver.ask('download', { method: 'GET', url, requestId }, pauseMs);
    this.downloaded = answer;
    return this.#judged(requestId, answer, 200);
  }

  /** Waits for something to happen, but not for ever. Returns whether it did. */
  async until(happened: () => boolean): Promise<boolean> {
    const end = performance.now() + PATIENCE_MS;
    while (!happened() && performance.now() < end) await setTimeout(20);
    return happened();
  }

  #nextId(name: string): string {
    return `${name}-${++this.played}`;
  }

  #judged<Answer extends GatewayAnswer>(
    requestId: string,
    answer: Answer,
    expected?: number,
  ): Played<Answer> {
    const { status, headers, body } = answer;
    if (status >= 400) {
      const wait = headers['retry-after'];
      const again = wait === undefined ? '' : `, Retry-After: ${wait}`;
      row('note', requestId, `the client gets ${status}${again}, "${messageOf(body)}"`);
    }
    if (expected !== undefined && status !== expected)
      this.surprises.push(`${requestId} got ${status} instead of ${expected}`);
    return { ...answer, requestId };
  }
}

/** What a problem (RFC 9457), a health report or other JSON says. */
function messageOf(body: string): string {
  try {
    const { detail, message, title, status } = JSON.parse(body);
    return String(detail ?? message ?? title ?? status);
  } catch {
    return body.slice(0, 80);
  }
}
