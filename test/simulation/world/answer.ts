import type { TransportRequest } from '../../../src/transport/transport.ts';
import type { Draw } from '../draw.ts';
import type { Fault } from '../scenario.ts';
import { type ContentPlan, contentOf } from './content.ts';

/** What a server does with a request. */
export interface Answer {
  /** `undefined`: it never says a thing. */
  readonly headMs: number | undefined;
  /** Instead of a head. */
  readonly failure: 'reset' | 'garbage' | undefined;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: ContentPlan;
}

/** Which call a request belongs to; probes to none. */
export function callOf({ headers }: TransportRequest): number | undefined {
  const id = headers['x-job-id'];
  return typeof id === 'string' ? Number(id) : undefined;
}

/** What a server says to a request while `faults` last. */
export function answerTo(request: TransportRequest, faults: readonly Fault[], draw: Draw): Answer {
  const meets = (kind: Fault['kind']) =>
    faults.find(fault => fault.kind === kind && draw.chance(fault.share));
  const slow = meets('slow')?.size ?? 1;
  const stalls = meets('stall') !== undefined;
  const failure = meets('reset') ? 'reset' : meets('garbage') ? 'garbage' : undefined;
  const error = meets('errors');
  const denied = meets('unauthorized') !== undefined && request.headers.authorization !== 'fresh';
  const status = denied ? 401 : (error?.status ?? 200);
  const head = status === 200 ? goodHead(request) : failingHead(status, error?.headers);
  const { length } = head.bytes;
  const content = {
    bytes: request.method === 'HEAD' ? new Uint8Array() : head.bytes,
    chunkBytes: () => draw.pick([1_000, 20_000, 70_000]),
    chunkMs: slow * draw.integer(1, 5),
    prompt: draw.chance(0.3),
    cutAfter: meets('partial') ? draw.integer(0, length) : undefined,
    stallAfter: stalls ? draw.integer(0, length) : undefined,
  };
  const silent = stalls && draw.chance(0.5);
  const headMs = silent ? undefined : slow * draw.integer(1, 20);
  return { headMs, failure, status: head.status, headers: head.headers, content };
}

interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

function failingHead(status: number, extra: Readonly<Record<string, string>> = {}): Head {
  const bytes = Buffer.from('no');
  const headers = { 'content-type': 'text/plain', 'content-length': String(bytes.length) };
  return { status, headers: status === 401 ? headers : { ...headers, ...extra }, bytes };
}

/** The call's own bytes, or the part of them that is asked for. */
function goodHead(request: TransportRequest): Head {
  const length = Number(new URL(request.url).searchParams.get('bytes') ?? 2);
  const whole = contentOf(callOf(request) ?? 0, length);
  const headers = {
    'content-type': 'application/octet-stream',
    etag: `"${callOf(request) ?? 'probe'}-${length}"`,
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers.range ?? ''));
  if (range === null) return { status: 200, headers: withLength(headers, whole), bytes: whole };
  const first = Number(range[1]);
  const last = range[2] === '' ? length - 1 : Number(range[2]);
  const bytes = whole.subarray(first, last + 1);
  const partial = { ...headers, 'content-range': `bytes ${first}-${last}/${length}` };
  return { status: 206, headers: withLength(partial, bytes), bytes };
}

function withLength(headers: Readonly<Record<string, string>>, { length }: Uint8Array) {
  return { ...headers, 'content-length': String(length) };
}
