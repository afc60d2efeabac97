import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { show } from './show.ts';

/** A gateway that listens. */
export interface Gateway {
  readonly url: string;
  /** Takes nothing new, finishes what is under way, and frees everything. */
  close(): Promise<void>;
}

/** Starts a gateway in front of a media service, on a free port unless told which. */
export type StartGateway = (serviceUrl: string, port?: number) => Promise<Gateway>;

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * Serves in front of what `MEDIA_SERVICE_URL` names until SIGTERM (`PORT` sets the port); without it, shows the gateway at
 * work before a service of its own.
 */
export async function run(start: StartGateway): Promise<void> {
  const { MEDIA_SERVICE_URL: serviceUrl, PORT = '0' } = process.env;
  if (serviceUrl === undefined) return await show(start);
  // #region serve
  const gateway = await start(serviceUrl, Number(PORT));
  process.once('SIGTERM', () => void gateway.close()); // the process ends by itself when nothing is left
  // #endregion
  console.log(gateway.url);
}
