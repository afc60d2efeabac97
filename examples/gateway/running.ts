import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServiceClient } from 'holdfast';
import { Child } from './demo/child.ts';
import { createGateway } from './gateway.ts';
import type { ServiceCommands } from './service/breakable-service.ts';
import { type Settings, youtubeClient } from './settings.ts';

const SERVICE = new URL('./service/breakable-service.ts', import.meta.url);

/** How long a shutdown waits for the answers under way. */
const GRACE_MS = 5_000;

/** The gateway in this process, and the service in another, unless the settings say where one is. */
export interface Running {
  readonly service: Child<ServiceCommands> | undefined;
  readonly serviceUrl: string;
  readonly youtube: ServiceClient;
  readonly gateway: Server;
  readonly gatewayUrl: string;
}

export async function start(settings: Settings, port = 0): Promise<Running> {
  const given = settings.YOUTUBE_SERVICE_URL;
  const service = given === undefined ? new Child<ServiceCommands>(SERVICE) : undefined;
  const serviceUrl = given ?? `http://127.0.0.1:${await service?.ask('open', 0)}`;
  const youtube = youtubeClient({ ...settings, YOUTUBE_SERVICE_URL: serviceUrl });
  const gateway = createGateway(youtube).listen(port, '127.0.0.1');
  await once(gateway, 'listening');
  const gatewayUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  return { service, serviceUrl, youtube, gateway, gatewayUrl };
}

/** Takes nothing new, finishes what is under way, then ends everything. Resolves to whether the service ended by itself. */
export async function stop({ gateway, youtube, service }: Running): Promise<boolean> {
  // The gateway first: an answer's last bytes are still on their way when its call is over.
  const closed = once(gateway, 'close');
  gateway.close();
  const sweep = setInterval(() => gateway.closeIdleConnections(), 50);
  const over = setTimeout(() => gateway.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(over);
  await youtube.close({ graceMs: 0 });
  return (await service?.stop()) ?? true;
}
