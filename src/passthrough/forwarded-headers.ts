import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { OutgoingHeaders } from './hop-by-hop-headers.ts';

const IPV4_IN_IPV6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** A reg-name or an address with an optional port; above all no comma, which would read as a second host. */
const HOST = /^[\w.~!$&'()*+;=%:[\]-]+$/;

/**
 * Tells the upstream who asked, for which host and how.
 * What the client says about that itself is believed, and appended to, only with `trust`: anybody can write these headers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7239
 */
export function setForwardedHeaders(headers: OutgoingHeaders, req: IncomingMessage, trust: boolean): void {
  if (!trust) dropForwardedHeaders(headers);
  const { address, host, proto, element } = peerOf(req);
  append(headers, 'x-forwarded-for', address ?? 'unknown');
  if (host !== undefined && HOST.test(host)) append(headers, 'x-forwarded-host', host);
  append(headers, 'x-forwarded-proto', proto);
  append(headers, 'forwarded', element);
}

/** Who asks, as the headers have it. */
interface Peer {
  readonly address: string | undefined;
  readonly host: string | undefined;
  readonly proto: 'http' | 'https';
  readonly element: string;
}

/** Of a connection whatever it asks for: its requests are many, and most name the same host. */
const peers = new WeakMap<IncomingMessage['socket'], Peer>();

function peerOf({ socket, headers: { host } }: IncomingMessage): Peer {
  const known = peers.get(socket);
  if (known !== undefined && known.host === host && known.address !== undefined) return known;
  const address = clientAddress(socket.remoteAddress);
  const proto = 'encrypted' in socket ? 'https' : 'http';
  const peer: Peer = { address, host, proto, element: forwardedElement(address, host, proto) };
  peers.set(socket, peer);
  return peer;
}

/** One element of `Forwarded`. */
export function forwardedElement(
  address: string | undefined,
  host: string | undefined,
  proto: 'http' | 'https',
): string {
  const node = address === undefined ? 'unknown' : isIPv6(address) ? `"[${address}]"` : address;
  return `for=${node};${host ? `host=${quoted(host)};` : ''}proto=${proto}`;
}

/** The peer's address: IPv4 in its plain form also on a dual-stack socket, and without a zone, which means something here only. */
export function clientAddress(remote: string | undefined): string | undefined {
  if (remote === undefined) return undefined;
  return IPV4_IN_IPV6.exec(remote)?.[1] ?? remote.replace(/%.*$/, '');
}

/** All of the family goes, since upstreams believe `X-Forwarded-Port` and the like too, and some read `_` as `-`. */
function dropForwardedHeaders(headers: OutgoingHeaders): void {
  for (const name in headers) {
    if (name[0] !== 'x' && name[0] !== 'f') continue;
    const plain = name.includes('_') ? name.replaceAll('_', '-') : name;
    if (plain.startsWith('x-forwarded-') || plain === 'forwarded' || plain === 'x-real-ip') {
      delete headers[name];
    }
  }
}

function append(headers: OutgoingHeaders, name: string, value: string): void {
  const before = headers[name];
  headers[name] = before === undefined ? value : `${before}, ${value}`;
}

function quoted(host: string): string {
  return TOKEN.test(host) ? host : `"${host.replace(/["\\]/g, '\\$&')}"`;
}
