import { ConfigurationError } from './errors/configuration-error.ts';
import type { Issue } from './errors/issue.ts';
import { type ServicesHealth, summarizeHealth } from './health/services-health.ts';
import type { ServiceClientOptions, ServiceClientOverrides } from './options/client-options.ts';
import { mergeOptions } from './options/merge-options.ts';
import { isPlainObject } from './options/plain-object.ts';
import { ServiceClient } from './service-client.ts';
import type { ClientEventMap, ClientEventName } from './telemetry/client-events.ts';

/** The options of one service where the key is its name and `shared` may bring what is left out. */
export type ServiceDefinition = Omit<ServiceClientOverrides, 'name'> & { name?: never };

/** What every set of services can do beside holding them. */
export interface ServicesMethods extends AsyncDisposable {
  /** A snapshot of every service's health; sends nothing. */
  health(): ServicesHealth;
  /** Closes every client. */
  close(options?: { graceMs?: number }): Promise<void>;
  /** Listens to an event of every service. @returns A function that unsubscribes. */
  on<Name extends ClientEventName>(name: Name, listener: (event: ClientEventMap[Name]) => void): () => void;
}

/** One client per key, and the methods for all of them. */
export type Services<Definitions> = { readonly [Name in keyof Definitions]: ServiceClient } & ServicesMethods;

const RESERVED = new Set(['health', 'close', 'on', 'then']);

/**
 * Makes one client per downstream service; the key is the service's name.
 * @param definitions - Options by service name.
 * @param shared - Options that every service starts from; its own are merged over them.
 * @throws {@link ConfigurationError} listing every problem of every service at once.
 * @example
 * const services = defineServices({
 *   youtube: { baseUrl: 'http://localhost:3001' },
 *   users: { endpoints: ['http://10.0.0.1:3000', 'http://10.0.0.2:3000'] },
 * }, { timeout: { totalMs: 10_000 } });
 * await services.users.get('/users/7');
 */
export function defineServices<const Definitions extends Record<string, ServiceDefinition>>(
  definitions: Definitions,
  shared: Omit<ServiceClientOverrides, 'name'> = {},
): Services<Definitions> {
  const clients = makeClients(definitions, shared);
  const all = [...clients.values()];
  const methods: ServicesMethods = {
    health: () => summarizeHealth(all.map(client => client.health())),
    close: async options => {
      await Promise.all(all.map(client => client.close(options)));
    },
    on: (name, listener) => {
      const offs = all.map(client => client.on(name, listener));
      return () => {
        for (const off of offs) off();
      };
    },
    [Symbol.asyncDispose]: () => methods.close(),
  };
  const services = Object.assign(Object.create(null), Object.fromEntries(clients));
  // Whoever goes through the services finds clients only.
  return Object.freeze(Object.defineProperties(services, hidden(methods)));
}

function hidden(methods: ServicesMethods): PropertyDescriptorMap {
  const { health, close, on, [Symbol.asyncDispose]: dispose } = methods;
  return {
    health: { value: health },
    close: { value: close },
    on: { value: on },
    [Symbol.asyncDispose]: { value: dispose },
  };
}

function makeClients(
  definitions: Record<string, ServiceDefinition>,
  shared: Omit<ServiceClientOverrides, 'name'>,
): Map<string, ServiceClient> {
  if (!isPlainObject(definitions))
    throw refused([{ path: '', message: 'expected an object of services by name' }]);
  const clients = new Map<string, ServiceClient>();
  const issues: Issue[] = sharedIssues(shared);
  for (const [name, definition] of Object.entries(definitions)) {
    try {
      clients.set(name, makeClient(name, definition, shared));
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      issues.push(...error.issues.map(issue => within(name, issue)));
    }
  }
  if (issues.length === 0) return clients;
  for (const client of clients.values()) void client.close();
  throw refused(issues);
}

/** A name of all would be overruled by every key: saying nothing of it would hide a mistake. */
function sharedIssues(shared: object | null | undefined): Issue[] {
  const { name } = (shared ?? {}) as { readonly name?: unknown };
  return name === undefined ? [] : [{ path: 'name', message: 'is the key of each service: leave it out' }];
}

function makeClient(
  name: string,
  definition: ServiceDefinition,
  shared: Omit<ServiceClientOverrides, 'name'>,
): ServiceClient {
  if (RESERVED.has(name))
    throw refused([{ path: '', message: 'is a method of the services: choose another name' }]);
  const { name: given } = (definition ?? {}) as { readonly name?: unknown };
  if (given !== undefined && given !== name)
    throw refused([{ path: 'name', message: 'is the key: leave it out' }]);
  // The merge cannot know that an address is among them; the client checks it.
  const layers = [shared, definition, { name }] as ServiceClientOverrides[];
  return new ServiceClient(mergeOptions({}, ...layers) as ServiceClientOptions);
}

function within(name: string, { path, message }: Issue): Issue {
  return { path: path === '' ? name : `${name}.${path}`, message };
}

function refused(issues: readonly Issue[]): ConfigurationError {
  return new ConfigurationError({ issues });
}
