import type { IncomingMessage, ServerResponse } from 'node:http';

const MAX_BYTES = 16 * 1024;

/** The request's JSON; `undefined` for what is none, or longer than anybody could mean. */
export async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Read to its end all the same: to leave would close the connection before the answer.
    if (bytes <= MAX_BYTES) chunks.push(chunk);
  }
  try {
    return bytes <= MAX_BYTES ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
  } catch {
    return undefined;
  }
}

export function sendJson(res: ServerResponse, status: number, data: unknown): void {
  const body = JSON.stringify(data);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}
