import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

export function machine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${gib} GiB`;
}

const PACKAGES = [
  'got',
  'p-retry',
  'opossum',
  'undici',
  'axios',
  'axios-retry',
  'ky',
  'cockatiel',
  '@fastify/reply-from',
  'fastify',
  'http-proxy',
  'httpxy',
  'pino',
  'zod',
  '@opentelemetry/api',
];

/** Node and every library in the race, as installed. */
export function versions(): string {
  const installed = PACKAGES.map(name => `${name} ${versionIn(`../../node_modules/${name}/package.json`)}`);
  const own = `holdfast ${versionIn('../../package.json')}`;
  return [
    `Node ${process.versions.node} (its fetch: undici ${process.versions.undici})`,
    own,
    ...installed,
  ].join(', ');
}

function versionIn(file: string): string {
  const { version } = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as { version: string };
  return version;
}
