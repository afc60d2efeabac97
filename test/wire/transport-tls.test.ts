import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { ca, clientOne, clientTwo, elsewherePair, otherCa, serverPair } from '../support/certificates.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { startRawServer } from '../support/raw-server.ts';
import { openTransport, rejectionOf, requestTo, textOf } from '../support/transport-request.ts';

/** Tells each client the name in its certificate and the name that it asked for. */
function tellingNames(tls: object) {
  return startServer(
    (req, res) => {
      const socket = req.socket as TLSSocket;
      sendJson(res, {
        client: socket.getPeerCertificate().subject?.CN,
        asked: socket.servername,
        resumed: socket.isSessionReused(),
      });
    },
    { tls },
  );
}

test('a certificate of a trusted authority is accepted, and the connection used again', async () => {
  await using server = await tellingNames(serverPair);
  await using transport = openTransport({ tls: { ca } });
  const leaks = await watchLeaks([server]);
  for (let count = 0; count < 5; count++) {
    expect(JSON.parse(await textOf(await transport.send(requestTo(server.url))))).toMatchObject({
      asked: false,
    });
  }
  expect(server.connections).toBe(1);
  await leaks.verify();
});

test.each([
  ['of an unknown authority', { ca: otherCa }, serverPair, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['that Node does not trust', undefined, serverPair, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['for another name', { ca }, elsewherePair, 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('a certificate %s fails for good', async (_name, tls, pair, systemCode) => {
  await using server = await startServer(undefined, { tls: pair });
  await using transport = openTransport({ tls });
  const leaks = await watchLeaks([server]);
  const error = await rejectionOf(transport.send(requestTo(server.url)));
  expect(error).toMatchObject({
    code: 'ERR_NETWORK',
    phase: 'tls',
    systemCode,
    neverSent: false,
    staleConnection: false,
  });
  expect(server.requests).toHaveLength(0);
  await server.drained();
  await leaks.verify();
});

test('the name of the endpoint is asked for and verified, before the one of the options, before the host', async () => {
  await using server = await tellingNames(serverPair);
  await using transport = openTransport({ tls: { ca, serverName: 'localhost' } });
  const asked = async (serverName?: string) =>
    JSON.parse(await textOf(await transport.send(requestTo(server.url, { serverName })))).asked;
  expect(await asked()).toBe('localhost');
  expect(await asked('service.test')).toBe('service.test');
  expect(server.connections).toBe(2);
  expect(await rejectionOf(asked('elsewhere.test'))).toMatchObject({
    systemCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

test('a Host header of another name does not change the name that is verified', async () => {
  await using server = await tellingNames(serverPair);
  await using transport = openTransport({ tls: { ca } });
  const reply = await transport.send(requestTo(server.url, { headers: { host: 'elsewhere.test' } }));
  expect(JSON.parse(await textOf(reply))).toMatchObject({ asked: false });
});

test('an address as the name is verified without being asked for', async () => {
  await using server = await tellingNames(serverPair);
  await using transport = openTransport({ tls: { ca } });
  const url = server.url.replace('127.0.0.1', 'localhost');
  const leaks = await watchLeaks([server]);
  const reply = await transport.send(requestTo(url, { serverName: '127.0.0.1' }));
  expect(JSON.parse(await textOf(reply))).toMatchObject({ asked: false });
  expect(await rejectionOf(transport.send(requestTo(url, { serverName: '127.0.0.2' })))).toMatchObject({
    phase: 'tls',
  });
  await leaks.verify();
});

test('a TLS function is asked for each new connection, so that certificates rotate', async () => {
  await using server = await tellingNames({ ...serverPair, ca, requestCert: true });
  let client = clientOne;
  let asked = 0;
  const tls = () => {
    asked++;
    return { ca, ...client };
  };
  await using transport = openTransport({ tls });
  const told = async () => JSON.parse(await textOf(await transport.send(requestTo(server.url))));
  expect([await told(), await told()]).toMatchObject([{ client: 'client one' }, { client: 'client one' }]);
  expect([asked, server.connections]).toEqual([1, 1]);
  client = clientTwo;
  server.dropConnections();
  await server.drained();
  await new Promise(setImmediate);
  expect(await told()).toEqual({ client: 'client two', asked: false, resumed: false });
  expect([asked, server.connections]).toEqual([2, 2]);
});

test('an authority that is no longer trusted is refused at the next connection', async () => {
  await using server = await tellingNames(serverPair);
  let trusted = ca;
  await using transport = openTransport({ tls: () => ({ ca: trusted }) });
  await textOf(await transport.send(requestTo(server.url)));
  trusted = otherCa;
  const error = await rejectionOf(transport.send(requestTo(server.url, { freshConnection: true })));
  expect(error).toMatchObject({ phase: 'tls' });
});

test('fixed TLS options let sessions be resumed', async () => {
  await using server = await tellingNames(serverPair);
  await using transport = openTransport({ tls: { ca } });
  await textOf(await transport.send(requestTo(server.url)));
  await textOf(await transport.send(requestTo(server.url)));
  server.dropConnections();
  await server.drained();
  await new Promise(setImmediate);
  expect(JSON.parse(await textOf(await transport.send(requestTo(server.url))))).toMatchObject({
    resumed: true,
  });
});

test('a missing client certificate fails for good', async () => {
  await using server = await startServer(undefined, {
    tls: { ...serverPair, ca, requestCert: true, rejectUnauthorized: true },
  });
  await using transport = openTransport({ tls: { ca } });
  const error = await rejectionOf(transport.send(requestTo(server.url)));
  expect(error).toMatchObject({ phase: 'tls', neverSent: false });
  expect(server.requests).toHaveLength(0);
});

test('a server without TLS fails for good', async () => {
  await using server = await startRawServer([], socket => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await using transport = openTransport({ tls: { ca } });
  const error = await rejectionOf(transport.send(requestTo(server.url.replace('http:', 'https:'))));
  expect(error).toMatchObject({ phase: 'tls', neverSent: false });
});

test.each(['reset', 'closed'])('a connection %s during the handshake was never sent', async how => {
  await using server = await startRawServer([], socket =>
    socket.once('data', () => (how === 'reset' ? socket.resetAndDestroy() : socket.end())),
  );
  await using transport = openTransport({ tls: { ca } });
  const leaks = await watchLeaks([server]);
  const error = await rejectionOf(transport.send(requestTo(server.url.replace('http:', 'https:'))));
  expect(error).toMatchObject({
    phase: 'tls',
    systemCode: 'ECONNRESET',
    neverSent: true,
    staleConnection: false,
  });
  await leaks.verify();
});

test('a handshake that hangs ends at the connect limit', async () => {
  await using server = await startRawServer([], () => {});
  await using transport = openTransport({ tls: { ca } });
  const leaks = await watchLeaks([server]);
  const error = await rejectionOf(
    transport.send(requestTo(server.url.replace('http:', 'https:'), { connectMs: 80 })),
  );
  expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'connect', neverSent: true });
  await server.drained();
  await leaks.verify();
});

test('a connection of the pool that turns out closed was stale, under TLS too', async () => {
  await using server = await startServer(
    (req, res) => {
      if (server.requests.length === 1) sendJson(res, {});
      else req.socket.destroy();
    },
    { tls: serverPair },
  );
  await using transport = openTransport({ tls: { ca } });
  await textOf(await transport.send(requestTo(server.url)));
  expect(await rejectionOf(transport.send(requestTo(server.url)))).toMatchObject({
    staleConnection: true,
    phase: 'response',
  });
});

test('a TLS function that throws fails the call with its own error, also for a request that waited', async () => {
  await using server = await startServer((_req, res) => res.write('x'), { tls: serverPair });
  const cause = new Error('vault sealed');
  let sealed = false;
  await using transport = openTransport({
    maxSockets: 1,
    tls: () => {
      if (sealed) throw cause;
      return { ca };
    },
  });
  const leaks = await watchLeaks([server]);
  const first = transport.send(requestTo(server.url));
  const second = rejectionOf(transport.send(requestTo(server.url)));
  const reply = await first;
  sealed = true;
  reply.body.stream(() => {}).destroy();
  expect(await second).toMatchObject({ code: 'ERR_NETWORK', phase: 'tls', neverSent: false, cause });
  await server.drained();
  await leaks.verify();
});

test.each([{ cert: 'no certificate' }, { key: 'no key', cert: clientOne.cert }])(
  'unreadable certificates fail without showing them',
  async tls => {
    await using server = await startServer(undefined, { tls: serverPair });
    await using transport = openTransport({ tls });
    const error = await rejectionOf(transport.send(requestTo(server.url)));
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'tls', neverSent: false });
  },
);
