import { randomUUID } from 'node:crypto';
import { DEFAULTS } from '../options/defaults.ts';

/** A version 4 UUID: the system's own, or drawn from an injected `random` so that a test can repeat it. */
export function newUuid(random: () => number): string {
  if (random === DEFAULTS.random) return randomUUID();
  const bytes = Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
