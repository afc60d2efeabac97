import { markOwn } from '../../../src/transport/own-transports.ts';
import type { Reply, TransportFactory, TransportRequest } from '../../../src/transport/transport.ts';

const content = Buffer.from(JSON.stringify({ id: 7, name: 'Ada', text: 'x'.repeat(260) }));
const headers = { 'content-type': 'application/json', 'content-length': String(content.length) };

const body: Reply['body'] = {
  bytes: () => Promise.resolve(content),
  stream: () => {
    throw new Error('only buffered calls are measured');
  },
  discard: () => {},
  trailers: () => undefined,
};

/** A transport that answers at once, taken for one of our own: what a call over it costs is the client's own share. */
export function instantTransport(status = 200): TransportFactory {
  const reply = { status, headers, body };
  return { open: () => markOwn({ send: () => Promise.resolve(reply), close: () => {} }) };
}

/** The same, but what asks for `/held` is answered at the release. */
export function heldTransport(): { transport: TransportFactory; release(): void } {
  const held = Promise.withResolvers<void>();
  const reply = { status: 200, headers, body };
  const send = async ({ url }: TransportRequest) => {
    if (url.endsWith('/held')) await held.promise;
    return reply;
  };
  return { transport: { open: () => markOwn({ send, close: () => {} }) }, release: held.resolve };
}
