import { gotTransport } from '../../src/transport/got-transport.ts';
import type { TransportFactory } from '../../src/transport/transport.ts';
import { undiciTransport } from '../../src/transport/undici-transport.ts';

/** Which transport this run is about: the vitest project "undici" sets it, for the processes that a test starts too. */
export const onUndici = process.env.HOLDFAST_TRANSPORT === 'undici';

export const chosenTransport: TransportFactory = onUndici ? undiciTransport() : { open: gotTransport };
