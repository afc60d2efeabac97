import { expect, test } from 'vitest';
import type { EndpointDiscovery } from '../../../src/discovery/endpoint-discovery.ts';
import type { ServiceClientOptions, ServiceClientOverrides } from '../../../src/options/client-options.ts';

const discovery: EndpointDiscovery = { async *watch() {} };

test('illegal mixes of options do not compile', () => {
  const refused: (ServiceClientOptions | ServiceClientOverrides)[] = [
    // @ts-expect-error two addresses
    { name: 'a', baseUrl: 'http://a', endpoints: ['http://b'] },
    // @ts-expect-error two addresses
    { name: 'a', endpoints: ['http://a'], discovery },
    // @ts-expect-error an unknown option
    { name: 'a', baseUrl: 'http://a', tiemout: {} },
    // @ts-expect-error a duration is a number
    { name: 'a', baseUrl: 'http://a', timeout: { totalMs: '5s' } },
  ];
  // @ts-expect-error no address
  const homeless: ServiceClientOptions = { name: 'a' };
  // @ts-expect-error no name
  const nameless: ServiceClientOptions = { baseUrl: 'http://a' };
  expect([...refused, homeless, nameless]).toHaveLength(6);
});

test('legal ones do', () => {
  const accepted: ServiceClientOptions[] = [
    { name: 'a', baseUrl: 'http://a', endpoints: undefined, retry: false, probe: true, hedge: false },
    { name: 'a', endpoints: ['http://a', { url: 'http://b', weight: 2 }], tls: () => ({}) },
    { name: 'a', discovery, auth: ({ refresh }) => (refresh ? 'new' : 'old'), circuitBreaker: undefined },
  ];
  const overrides: ServiceClientOverrides[] = [{}, { timeout: { totalMs: 5 } }, { baseUrl: 'http://a' }];
  expect([...accepted, ...overrides]).toHaveLength(6);
});
