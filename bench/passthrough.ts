import { mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { parseArgs } from 'node:util';
import { Child } from './child.ts';
import { GATEWAYS } from './gateways.ts';
import { machine } from './report.ts';
import { median, quantile, shuffled } from './statistics.ts';

/** `npm run bench:passthrough`: gateways that do nothing else, and holdfast; CPU of the gateway's process alone. */
const { values } = parseArgs({ options: { rounds: { type: 'string' }, mib: { type: 'string' } } });
const ROUNDS = Number(values.rounds ?? 5);
const BIG = Number(values.mib ?? 1_024) * 2 ** 20;
const REFERENCE = 'raw node:http pipe';
const CONCURRENCY = 50;
const SMALL_MS = 1_500;

interface Usage {
  readonly cpuUs: number;
  readonly peakRss: number;
}
interface Round {
  readonly smallUs: number;
  readonly bigS: number;
  readonly rssMiB: number;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });

/** One GET; resolves to the number of bytes that arrived, and rejects unless they are whole. */
function get(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path, agent }, response => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on('end', () =>
          response.statusCode === 200 ? resolve(bytes) : reject(new Error('not answered')),
        );
        response.on('error', reject);
      })
      .on('error', reject);
  });
}

async function small(port: number, ms: number): Promise<number> {
  const until = performance.now() + ms;
  let requests = 0;
  const worker = async () => {
    while (performance.now() < until) {
      if ((await get(port, '/small')) !== 300) throw new Error('a small body did not arrive whole');
      requests++;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return requests;
}

const upstream = new Child('./upstream.ts');
const { port: upstreamPort } = (await upstream.ready) as { port: number };
const gateways = new Map<string, { child: Child; port: number }>();
const results = new Map<string, Round[]>();
try {
  for (const name of Object.keys(GATEWAYS)) {
    const child = new Child('./gateway-process.ts', [name, `http://127.0.0.1:${upstreamPort}`]);
    const { port } = (await child.ready) as { port: number };
    gateways.set(name, { child, port });
    process.stderr.write(`warming up ${name}\n`);
    await small(port, 4_000);
  }
  for (let round = 1; round <= ROUNDS; round++) {
    process.stderr.write(`round ${round} of ${ROUNDS}\n`);
    for (const [name, { child, port }] of shuffled([...gateways], Math.random)) {
      await small(port, 250);
      await child.ask({});
      const requests = await small(port, SMALL_MS);
      const used = (await child.ask({})) as Usage;
      if ((await get(port, `/big?bytes=${BIG}`)) !== BIG)
        throw new Error(`${name}: the big body did not arrive whole`);
      const big = (await child.ask({})) as Usage;
      const entry = {
        smallUs: used.cpuUs / requests,
        bigS: (big.cpuUs / 1e6) * (2 ** 30 / BIG),
        rssMiB: big.peakRss / 2 ** 20,
      };
      results.set(name, [...(results.get(name) ?? []), entry]);
    }
  }
} finally {
  for (const { child } of gateways.values()) child.stop();
  upstream.stop();
  agent.destroy();
}

const reference = results.get(REFERENCE) ?? [];
const rows = [...results].map(([name, rounds]) => {
  const ratio = (of: (round: Round) => number) => {
    const ratios = rounds.map((round, index) => of(round) / of(reference[index] as Round));
    return `**${median(ratios).toFixed(2)}** (${quantile(ratios, 0.25).toFixed(2)}–${quantile(ratios, 0.75).toFixed(2)})`;
  };
  const cells = [
    name,
    median(rounds.map(({ smallUs }) => smallUs)).toFixed(0),
    ratio(({ smallUs }) => smallUs),
    median(rounds.map(({ bigS }) => bigS)).toFixed(2),
    ratio(({ bigS }) => bigS),
    Math.max(...rounds.map(({ rssMiB }) => rssMiB)).toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
});
const text = [
  '# Passthrough, measured',
  '',
  `${machine()}; ${new Date().toISOString().slice(0, 10)}; ${ROUNDS} interleaved rounds; CPU of the gateway's process alone, ratios to "${REFERENCE}" in the same round.`,
  `Small: 300 B bodies at ${CONCURRENCY} at a time. Big: one body of ${BIG / 2 ** 20} MiB.`,
  '',
  '| | small, CPU µs/request | ratio (quartiles) | big, CPU s/GiB | ratio (quartiles) | peak RSS MiB |',
  '|---|---|---|---|---|---|',
  ...rows,
  '',
].join('\n');
process.stdout.write(text);
const folder = new URL('../docs/performance/', import.meta.url);
await mkdir(folder, { recursive: true });
await writeFile(new URL('passthrough.md', folder), text);
