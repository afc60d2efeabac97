import { ServerResponse } from 'node:http';
import { NetworkError } from '../errors/network-error.ts';
import { type StreamResponse, trailersOf } from '../response/stream-response.ts';
import type { Clock } from '../time/clock.ts';
import { BodyToClient } from './body-to-client.ts';
import type { ClientLink } from './client-link.ts';
import { endToEndTrailers, hasBody } from './client-response.ts';
import { drainUpload } from './drain-upload.ts';
import type { OutgoingHeaders } from './hop-by-hop-headers.ts';
import { announcesBody } from './incoming-body.ts';

/** How far a response got. */
export interface Sent {
  readonly bytes: number;
  /** What broke it, if anything did. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** Sends status, headers, body and trailers; throws only while nothing has been sent. */
export async function sendResponse(
  link: ClientLink,
  response: StreamResponse,
  headers: OutgoingHeaders,
  clock: Clock,
): Promise<Sent> {
  const { req, res } = link;
  const { status } = response;
  const framed = headers['content-length'] !== undefined || !hasBody(req, status);
  // Refused before the upload was over: no use in sending it all.
  const refused = status >= 400 && framed && uploadUnfinished(link);
  writeHead(res, response, refused ? { ...headers, connection: 'close' } : headers);
  const body = new BodyToClient(link, response);
  body.start();
  if (!body.over) await body.ended();
  const { bytes, failure } = body;
  if (failure !== undefined) {
    // Node gathers what is written at once, and would drop it with the connection.
    if (bytes > 0) await new Promise(setImmediate);
    breakOff(res, headers);
    return { bytes, failure };
  }
  addTrailers(res, response);
  return { bytes, failure: await endResponse(link, clock, framed, body.held) };
}

/**
 * Ends a response that is written whole but for its `last` chunk, and sees to an upload that came to nothing.
 * `framed`: the client knows without the end of the response that it has all of it.
 */
export async function endResponse(
  link: ClientLink,
  clock: Clock,
  framed: boolean,
  last?: Buffer,
): Promise<{ readonly error: unknown } | undefined> {
  const { req, res } = link;
  link.endUpload();
  if (link.broken !== undefined && !link.open) return link.broken;
  if (!uploadUnfinished(link)) {
    await finish(link, last);
    return link.broken;
  }
  if (last !== undefined) res.write(last);
  // Node closes the connection together with its last response, and what is still coming in would reset it. A response
  // whose end the client has to see must not be the last then, or its end would be lost.
  const drainAfterwards = !framed && res.shouldKeepAlive && !res.hasHeader('connection');
  if (!drainAfterwards && uploadComing(link)) {
    await drainUpload(req, clock);
    // Having its answer, the client may well leave.
    if (framed && !link.open) return undefined;
  }
  await finish(link);
  if (drainAfterwards && uploadComing(link)) await drainUpload(req, clock);
  if (uploadUnfinished(link)) req.socket.destroy();
  return link.broken;
}

/** Resolves when the response is with the operating system, or will never be. */
function finish(link: ClientLink, last?: Buffer): Promise<void> {
  return new Promise(resolve => {
    link.onBroken(() => resolve());
    const { res } = link;
    if (last === undefined) res.end(resolve);
    // Node sends a text together with the head, but bytes apart from it; Latin-1 has a character for every byte.
    else if (res.end === ServerResponse.prototype.end) res.end(last.toString('latin1'), 'latin1', resolve);
    else res.end(last, resolve);
  });
}

/** What a client holds back until it is asked for does not come. */
function uploadComing(link: ClientLink): boolean {
  return uploadUnfinished(link) && !(link.bodyHeld && link.req.readableLength === 0);
}

function uploadUnfinished({ req }: ClientLink): boolean {
  return req.complete === false && announcesBody(req);
}

function writeHead(res: ServerResponse, response: StreamResponse, headers: OutgoingHeaders): void {
  const { status, service, endpoint } = response;
  try {
    res.writeHead(status, headers as Record<string, string | string[]>);
  } catch (cause) {
    // A status or a header that Node reads but does not write.
    response.body.on('error', () => {}).destroy();
    throw new NetworkError({ service, endpoint, phase: 'response', cause });
  }
}

/**
 * Cuts the client off, so that what it got cannot be taken for whole.
 * Where the end of the connection is the end of the body (HTTP/1.0), only a reset says that something went wrong.
 */
function breakOff(res: ServerResponse, headers: OutgoingHeaders): void {
  const { socket } = res;
  const closeDelimited = !res.chunkedEncoding && headers['content-length'] === undefined;
  try {
    if (closeDelimited) socket?.resetAndDestroy();
  } catch {
    // Only plain TCP can be reset.
  }
  res.destroy();
}

function addTrailers(res: ServerResponse, response: StreamResponse): void {
  const trailers = trailersOf(response);
  if (trailers === undefined) return;
  try {
    res.addTrailers(endToEndTrailers(trailers) as Record<string, string>);
  } catch {
    // A trailer that Node reads but does not write: the body has arrived whole, so it alone is lost.
  }
}
