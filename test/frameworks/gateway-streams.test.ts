import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { ask, writeUntilFull } from '../wire/passthrough-gateway.ts';
import { GATEWAYS, startLine } from './gateways.ts';

const MIB = 1024 * 1024;
const FILE = '/videos/7/file';

describe.each(GATEWAYS)('a gateway on %s', (name, start) => {
  test.each(['with its length', 'in chunks'])('hands a download on %s, byte for byte', async framing => {
    const bytes = randomBytes(8 * MIB + 1);
    const length = framing === 'with its length' ? bytes.length : undefined;
    await using line = await startLine(start, (_req, res) => {
      res.writeHead(200, { 'content-type': 'video/mp4', ...(length && { 'content-length': length }) });
      res.end(bytes);
    });
    const { status, headers, body } = await ask(line.port, { path: FILE });
    expect([status, headers['content-type']]).toEqual([200, 'video/mp4']);
    expect(headers['content-length']).toBe(length?.toString());
    expect(body.equals(bytes)).toBe(true);
  });

  test('hands on what a player asks for: a part, or nothing that it has already', async () => {
    await using line = await startLine(start, (req, res) => {
      if (req.headers['if-none-match'] === '"1"') res.writeHead(304, { etag: '"1"' }).end();
      else res.writeHead(206, { 'content-range': 'bytes 0-4/10' }).end(req.headers.range);
    });
    const part = await ask(line.port, { path: FILE, headers: { range: 'bytes=0-4' } });
    expect([part.status, part.headers['content-range']]).toEqual([206, 'bytes 0-4/10']);
    expect(part.body.toString()).toBe('bytes=0-4');
    const same = await ask(line.port, { path: FILE, headers: { 'if-none-match': '"1"' } });
    expect([same.status, same.headers.etag, same.body.length]).toEqual([304, '"1"', 0]);
  });

  test('answers HEAD with the head of the download', async () => {
    await using line = await startLine(start, (_req, res) => {
      res.writeHead(200, { 'content-length': 5, etag: '"1"' }).end();
    });
    const { status, headers, body } = await ask(line.port, { method: 'HEAD', path: FILE });
    expect([status, headers['content-length'], headers.etag, body.length]).toEqual([200, '5', '"1"', 0]);
    expect(line.upstream.requests[0]?.method).toBe('HEAD');
  });

  test('hands on a failing status of a download as it is', async () => {
    await using line = await startLine(start, (_req, res) => res.writeHead(410).end('gone for good'));
    const { status, body } = await ask(line.port, { path: FILE });
    expect([status, body.toString()]).toEqual([410, 'gone for good']);
  });

  test('gives a client that speaks gzip what it can read', async () => {
    await using line = await startLine(start, (_req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello '.repeat(10_000)));
    });
    expect(await (await fetch(line.url + FILE)).text()).toBe('hello '.repeat(10_000));
  });

  test('hands each chunk on before the next is sent', async () => {
    await using line = await startLine(start);
    line.upstream.server.removeAllListeners('request').on('request', async (_req, res) => {
      for (const part of ['one,', 'two,', 'three']) {
        res.write(part);
        await client.until(part);
      }
      res.end();
    });
    await using client = new RawClient(line.port);
    client.send(`GET ${FILE} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(await client.until('0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*one,[\s\S]*two,[\s\S]*three/);
  });

  test('holds the service back while the client does not read', async () => {
    const written = Promise.withResolvers<number>();
    await using line = await startLine(start, async (_req, res) => {
      written.resolve(await writeUntilFull(res));
    });
    const req = request({ port: line.port, host: '127.0.0.1', path: FILE, agent: false }).end();
    const [response] = (await once(req, 'response')) as [IncomingMessage];
    response.pause().on('error', () => {});
    expect(await written.promise).toBeLessThan(64 * MIB);
    response.destroy();
  });

  test('shows a broken download as broken', async () => {
    await using line = await startLine(start, (_req, res) => {
      res.writeHead(200).write('half', () => setImmediate(() => res.socket?.destroy()));
    });
    await using client = new RawClient(line.port);
    client.send(`GET ${FILE} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await client.ended;
    expect(client.text).toContain('half');
    expect(client.text).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  test.each([
    'application/octet-stream',
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
  ])('hands an upload of %s on, byte for byte', async contentType => {
    const bytes = randomBytes(3 * MIB + 1);
    let received: Buffer | undefined;
    await using line = await startLine(start, async (req, res) => {
      received = Buffer.concat(await req.toArray());
      res.writeHead(201, { 'x-type': req.headers['content-type'] }).end('thanks');
    });
    const { status, headers, body } = await ask(line.port, {
      method: 'PUT',
      path: FILE,
      headers: { 'content-type': contentType },
      body: bytes,
    });
    expect([status, headers['x-type'], body.toString()]).toEqual([201, contentType, 'thanks']);
    expect(received?.equals(bytes)).toBe(true);
  });

  test('hands each chunk of an upload on before the next is sent', async () => {
    await using line = await startLine(start, async (req, res) => {
      for await (const chunk of req) seen(String(chunk));
      res.end('thanks');
    });
    let seen: (text: string) => void = () => {};
    await using client = new RawClient(line.port);
    client.send(`PUT ${FILE} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (const part of ['one', 'two', 'six']) {
      const arrived = new Promise<string>(resolve => {
        seen = resolve;
      });
      client.send(`3\r\n${part}\r\n`);
      expect(await arrived, name).toBe(part);
    }
    client.send('0\r\n\r\n');
    expect(await client.until('thanks')).toMatch(/^HTTP\/1\.1 200 /);
  });
});
