import type { Transport } from './transport.ts';

const own = new WeakSet<Transport>();

/** Says of a transport that it holds to the contract by itself, and needs no looking after. */
export function markOwn<T extends Transport>(transport: T): T {
  own.add(transport);
  return transport;
}

export function isOwn(transport: Transport): boolean {
  return own.has(transport);
}
