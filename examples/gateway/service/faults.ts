import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a stalled request is left without an answer: somebody patient sees its connection closed then. */
export const STALL_MS = 4_000;

type Break = (req: IncomingMessage, res: ServerResponse) => void;

let outageRequests = 0;

/** What the service can do to a request instead of answering it. */
export const faults = {
  /** Busy, and says when to come back. */
  busy: (_req, res) => {
    res.writeHead(503, { 'retry-after': '1' }).end();
  },
  stall: req => {
    const timer = setTimeout(() => req.socket.destroy(), STALL_MS);
    req.socket.once('close', () => clearTimeout(timer));
  },
  reset: req => {
    req.socket.resetAndDestroy();
  },
  /** Fails one way and then another, as services do. */
  outage: (req, res) => {
    if (++outageRequests % 3 === 0) req.socket.resetAndDestroy();
    else res.writeHead(500).end();
  },
} satisfies Record<string, Break>;

export type Fault = keyof typeof faults;
