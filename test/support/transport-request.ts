import { EMPTY_BODY } from '../../src/request/request-body.ts';
import { Cancellation } from '../../src/time/cancellation.ts';
import { type Clock, systemClock } from '../../src/time/clock.ts';
import type { TlsSource } from '../../src/transport/tls-connections.ts';
import type { Reply, Transport, TransportRequest } from '../../src/transport/transport.ts';
import { chosenTransport } from './chosen-transport.ts';

export interface WireSettings {
  maxSockets?: number;
  idleTimeoutMs?: number;
  tls?: TlsSource;
  clock?: Clock;
}

/** The chosen transport, closed at the end of its block. */
export function openTransport(settings: WireSettings = {}): Transport & AsyncDisposable {
  const { maxSockets = 100, idleTimeoutMs = 4000, tls, clock = systemClock } = settings;
  const transport = chosenTransport.open({ pool: { maxSockets, idleTimeoutMs }, tls, clock });
  return {
    send: request => transport.send(request),
    close: () => transport.close(),
    [Symbol.asyncDispose]: async () => transport.close(),
  };
}

/** A GET of `url` with roomy limits, and whatever else the test is about. */
export function requestTo(url: string, overrides: Partial<TransportRequest> = {}): TransportRequest {
  return {
    service: 'users',
    endpoint: new URL(url).origin,
    method: 'GET',
    url,
    headers: {},
    body: EMPTY_BODY,
    serverName: undefined,
    connectMs: 5000,
    idleMs: 5000,
    decompress: true,
    freshConnection: false,
    cancellation: new Cancellation(),
    onSocket: () => {},
    onUploadStart: () => {},
    onUploadEnd: () => {},
    ...overrides,
  };
}

/** Reads a reply whole, as text. */
export async function textOf(reply: Reply): Promise<string> {
  return Buffer.from(await reply.body.bytes(false, false)).toString();
}

/** What a promise rejects with; a promise that resolves fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}
