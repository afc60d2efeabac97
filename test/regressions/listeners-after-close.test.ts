import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { ServiceClient } from '../../src/service-client.ts';
import { startServer } from '../support/http-server.ts';

/** What one call on got puts on the wire, each with a listener for its close by somebody else. */
class Wire {
  readonly closed: string[] = [];
  readonly #request: Promise<ClientRequest>;
  readonly #message: Promise<IncomingMessage>;

  constructor() {
    this.#request = this.#next('http.client.request.start', 'request');
    this.#message = this.#next('http.client.response.finish', 'response');
  }

  /** Resolves with the request, its message and got's stream, when nothing more is to come of them. */
  async emitters(): Promise<EventEmitter[]> {
    const request = await this.#request;
    const message = await this.#message;
    for (const emitter of [request, message]) if (!emitter.closed) await once(emitter, 'close');
    const stream = (message as unknown as { request: EventEmitter }).request;
    return [request, message, stream];
  }

  #next<Found extends EventEmitter>(channel: string, name: string): Promise<Found> {
    return new Promise(resolve => {
      const onTold = (told: unknown): void => {
        const found = (told as Record<string, Found>)[name] as Found;
        unsubscribe(channel, onTold);
        found.on('close', () => this.closed.push(name));
        resolve(found);
      };
      subscribe(channel, onTold);
    });
  }
}

test.each(['keep-alive', 'close'])(
  'what has closed holds no listener that would keep its call in memory: connection %s',
  async connection => {
    await using server = await startServer((_request, response) => {
      // Without a length, the end of the connection is the end of the body.
      const framing = connection === 'close' ? { 'transfer-encoding': 'identity' } : {};
      response.writeHead(200, { connection, ...framing }).end('whole');
    });
    await using client = new ServiceClient({ name: 'users', baseUrl: server.url });
    const wire = new Wire();
    const { data } = await client.get('/', { responseType: 'text' });
    expect(data).toBe('whole');
    for (const emitter of await wire.emitters()) {
      expect(emitter).toBeInstanceOf(EventEmitter);
      expect(emitter.eventNames()).toEqual(['error']);
      expect(emitter.listenerCount('error')).toBe(1);
    }
    expect(wire.closed.toSorted()).toEqual(['request', 'response']);
  },
);
