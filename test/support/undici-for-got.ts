import type { Transport, TransportSettings } from '../../src/transport/transport.ts';
import { undiciTransport } from '../../src/transport/undici-transport.ts';

/** Stands in for the default transport in the vitest project "undici", so that every test there runs on the other one. */
export function gotTransport(settings: TransportSettings): Transport {
  return undiciTransport().open(settings);
}
