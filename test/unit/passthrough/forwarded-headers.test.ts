import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  clientAddress,
  forwardedElement,
  setForwardedHeaders,
} from '../../../src/passthrough/forwarded-headers.ts';
import type { OutgoingHeaders } from '../../../src/passthrough/hop-by-hop-headers.ts';

/** As much of a request as is asked for: where it comes from and for which host. */
function incoming(remoteAddress: string | undefined, host?: string, encrypted = false): IncomingMessage {
  const socket = { remoteAddress, ...(encrypted && { encrypted }) };
  return { socket, headers: { host } } as unknown as IncomingMessage;
}

function forwarded(headers: OutgoingHeaders, req: IncomingMessage, trust = false): OutgoingHeaders {
  setForwardedHeaders(headers, req, trust);
  return headers;
}

describe('without trust', () => {
  test('what the client says about itself is replaced', () => {
    const spoofed = {
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'evil',
      'x-forwarded-proto': 'https',
      forwarded: 'for=1.2.3.4',
    };
    expect(forwarded(spoofed, incoming('10.0.0.7', 'shop.example'))).toEqual({
      'x-forwarded-for': '10.0.0.7',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-proto': 'http',
      forwarded: 'for=10.0.0.7;host=shop.example;proto=http',
    });
  });

  test.each(['x-forwarded-port', 'x-forwarded-prefix', 'x-real-ip', 'x_forwarded_for', 'x-forwarded_proto'])(
    'its %s is dropped, since upstreams believe that too',
    name => {
      expect(forwarded({ [name]: 'x' }, incoming('10.0.0.7'))).not.toHaveProperty([name]);
    },
  );

  test('other headers stay', () => {
    expect(forwarded({ 'x-forward': '1', x_y: '2' }, incoming('10.0.0.7'))).toMatchObject({
      'x-forward': '1',
      x_y: '2',
    });
  });
});

test('with trust each header is appended to', () => {
  const before = {
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-host': 'shop.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
    forwarded: 'for=1.2.3.4;proto=https',
  };
  expect(forwarded(before, incoming('10.0.0.7', 'inner'), true)).toEqual({
    'x-forwarded-for': '1.2.3.4, 10.0.0.7',
    'x-forwarded-host': 'shop.example, inner',
    'x-forwarded-proto': 'https, http',
    'x-forwarded-port': '443',
    forwarded: 'for=1.2.3.4;proto=https, for=10.0.0.7;host=inner;proto=http',
  });
});

test('a TLS connection is https', () => {
  const headers = forwarded({}, incoming('10.0.0.7', undefined, true));
  expect(headers['x-forwarded-proto']).toBe('https');
  expect(headers.forwarded).toBe('for=10.0.0.7;proto=https');
});

test('a peer without an address, as on a Unix socket, is unknown and counts as a hop', () => {
  expect(forwarded({ 'x-forwarded-for': '1.2.3.4' }, incoming(undefined), true)).toMatchObject({
    'x-forwarded-for': '1.2.3.4, unknown',
    forwarded: 'for=unknown;proto=http',
  });
});

test.each([
  ['a,b', 'a comma'],
  ['a b', 'a space'],
  ['a";for=evil', 'a quote'],
])('a Host with a trick in it (%s) is not named in X-Forwarded-Host', host => {
  expect(forwarded({}, incoming('10.0.0.7', host))).not.toHaveProperty(['x-forwarded-host']);
});

test.each([
  ['shop.example', 'host=shop.example;'],
  ['shop.example:8080', 'host="shop.example:8080";'],
  ['[::1]:80', 'host="[::1]:80";'],
  ['a";for="evil', 'host="a\\";for=\\"evil";'],
  ['a\\', 'host="a\\\\";'],
])('Host %s goes into Forwarded as %s', (host, part) => {
  expect(forwardedElement('10.0.0.7', host, 'http')).toBe(`for=10.0.0.7;${part}proto=http`);
});

test('an IPv6 address is bracketed and quoted in Forwarded, and plain in X-Forwarded-For', () => {
  const headers = forwarded({}, incoming('2001:db8::7'));
  expect(headers.forwarded).toBe('for="[2001:db8::7]";proto=http');
  expect(headers['x-forwarded-for']).toBe('2001:db8::7');
});

test.each([
  ['::ffff:10.0.0.7', '10.0.0.7'],
  ['::FFFF:10.0.0.7', '10.0.0.7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::1', '::1'],
])('%s is named %s', (remote, named) => {
  expect(clientAddress(remote)).toBe(named);
});
