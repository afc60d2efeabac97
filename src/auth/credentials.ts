import { validateHeaderValue } from 'node:http';
import { ConfigurationError } from '../errors/configuration-error.ts';
import type { Auth } from '../options/client-options.ts';
import { cancellable } from '../time/cancellable.ts';
import { Cancellation } from '../time/cancellation.ts';

/** Asks the user's `auth` function for `Authorization` values; calls that need fresh ones at the same time share one question. */
export class Credentials {
  readonly #service: string;
  readonly #auth: Auth;
  readonly #closed = new Cancellation();
  /** By endpoint: credentials of one must never reach another. */
  readonly #refreshing = new Map<string, Promise<string>>();

  constructor(service: string, auth: Auth) {
    this.#service = service;
    this.#auth = auth;
  }

  /** The value for one attempt, waited for no longer than the attempt lasts. */
  get(endpoint: string, cancellation: Cancellation): Promise<string> {
    return cancellable(this.#ask(false, endpoint, cancellation), cancellation);
  }

  /** A fresh value after a 401. One caller that leaves does not take it from the others. */
  refresh(endpoint: string, cancellation: Cancellation): Promise<string> {
    let refreshing = this.#refreshing.get(endpoint);
    if (refreshing === undefined) {
      refreshing = this.#ask(true, endpoint, this.#closed).finally(() => this.#refreshing.delete(endpoint));
      this.#refreshing.set(endpoint, refreshing);
    }
    return cancellable(refreshing, cancellation);
  }

  /** Ends a refresh under way. */
  close(reason: unknown): void {
    this.#closed.cancel(reason);
  }

  async #ask(refresh: boolean, endpoint: string, cancellation: Cancellation): Promise<string> {
    const value: unknown = await this.#auth({ refresh, endpoint, signal: cancellation.signal });
    try {
      if (typeof value !== 'string' || value === '') throw new TypeError();
      validateHeaderValue('authorization', value);
    } catch {
      const issues = [{ path: 'auth', message: 'must return a non-empty string that is valid in a header' }];
      throw new ConfigurationError({ service: this.#service, issues });
    }
    return value;
  }
}
