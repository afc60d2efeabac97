import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerParent } from '../demo/child.ts';
import { type Fault, faults } from './faults.ts';
import { youtubeService } from './youtube-service.ts';

/** A request as the service saw it: the witness against whatever the client says of itself. Health checks are left out. */
export interface Seen {
  readonly requestId: string;
  /** On this process's own clock, in milliseconds. */
  readonly arrivedAt: number;
  /** The answer's, once there is one. */
  status?: number;
}

const seen: Seen[] = [];
let broken: { fault: Fault; times: number } | undefined;
let healthy = true;
let downloadSent = () => 0;

const server = createServer((req, res) => {
  const isProbe = req.url === '/health';
  if (!isProbe) {
    const entry: Seen = { requestId: String(req.headers['x-request-id']), arrivedAt: performance.now() };
    seen.push(entry);
    res.once('finish', () => {
      entry.status = res.statusCode;
    });
  }
  const fault = isProbe ? (healthy ? undefined : 'outage') : nextFault();
  if (fault !== undefined) return faults[fault](req, res);
  if (req.url?.startsWith('/download/')) {
    const { socket } = req;
    const before = socket.bytesWritten;
    downloadSent = () => socket.bytesWritten - before;
  }
  youtubeService(req, res).catch(() => res.destroy());
});

function nextFault(): Fault | undefined {
  const fault = broken?.fault;
  if (broken !== undefined && --broken.times === 0) broken = undefined;
  return fault;
}

const currentPort = () => (server.address() as AddressInfo).port;

/** What the parent may ask for. */
const commands = {
  open: async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return currentPort();
  },
  /** Closes the port, which is returned, and every connection: whoever comes now is refused. */
  close: async (): Promise<number> => {
    const port = currentPort();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    return port;
  },
  breakNext: (fault: Fault): void => {
    broken = { fault, times: 1 };
  },
  breakAll: (fault: Fault): void => {
    broken = { fault, times: Number.POSITIVE_INFINITY };
  },
  failHealthChecks: (): void => {
    healthy = false;
  },
  repair: (): void => {
    broken = undefined;
    healthy = true;
  },
  seen: (): readonly Seen[] => seen,
  /** Bytes of the latest download that have left this process. */
  downloadSent: (): number => downloadSent(),
};

export type ServiceCommands = typeof commands;

answerParent(commands);
