import type { ResponseHeaders } from '../transport/transport.ts';

interface Head {
  readonly status: number;
  readonly headers: ResponseHeaders;
}

/** What another server must still have for a broken body to go on: the same bytes, and all of them. */
export interface ResumePoint {
  readonly etag: string;
  /** Of the whole representation: the first byte of this body, and its last. */
  readonly first: number;
  readonly last: number;
  /** Length of the whole representation. */
  readonly total: number;
}

/** RFC 9110, 8.8.3: without `W/`. Only a strong one says that the bytes are the same. */
const STRONG_ETAG = /^"[\x21\x23-\x7e\x80-\xff]*"$/;
const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/;

/** Where a body with this head could be taken up again; `undefined` when nothing could prove that it is the same. */
export function resumePoint({ status, headers }: Head): ResumePoint | undefined {
  const { etag } = headers;
  if (typeof etag !== 'string' || !STRONG_ETAG.test(etag) || !isIdentity(headers)) return undefined;
  if (status === 206) {
    const range = contentRange(headers);
    return range && fits(range, headers) ? { etag, ...range } : undefined;
  }
  const total = contentLength(headers);
  if (status !== 200 || total === undefined || total === 0) return undefined;
  return { etag, first: 0, last: total - 1, total };
}

/** Asks for the rest after `received` bytes, and for nothing at all should the representation have changed. */
export function resumeHeaders({ etag, first, last, total }: ResumePoint, received: number) {
  const end = last === total - 1 ? '' : last;
  return { range: `bytes=${first + received}-${end}`, 'if-range': etag };
}

/** Whether this is the rest, to the byte. */
export function isRest(point: ResumePoint, received: number, head: Head): boolean {
  const { headers } = head;
  const range = contentRange(headers);
  return (
    head.status === 206 &&
    headers.etag === point.etag &&
    isIdentity(headers) &&
    range !== undefined &&
    range.first === point.first + received &&
    range.last === point.last &&
    range.total === point.total &&
    fits(range, headers)
  );
}

/** A part in chunks does not say how long it is. */
function fits({ first, last }: Omit<ResumePoint, 'etag'>, headers: ResponseHeaders): boolean {
  const length = contentLength(headers);
  return length === undefined || length === last - first + 1;
}

function isIdentity({ 'content-encoding': coding }: ResponseHeaders): boolean {
  return coding === undefined || (typeof coding === 'string' && coding.trim().toLowerCase() === 'identity');
}

function contentRange({ 'content-range': value }: ResponseHeaders): Omit<ResumePoint, 'etag'> | undefined {
  const match = typeof value === 'string' ? CONTENT_RANGE.exec(value) : null;
  if (match === null) return undefined;
  const [first, last, total] = match.slice(1).map(Number) as [number, number, number];
  return first <= last && last < total ? { first, last, total } : undefined;
}

function contentLength({ 'content-length': value }: ResponseHeaders): number | undefined {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
