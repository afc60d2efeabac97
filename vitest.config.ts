import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Tests that watch the real clock run in the second group, when nothing else wants the processor, and those of its cost after them. */
const COMPUTING = 0;
const TIMED = 1;
const MEASURING = 2;

const project = (name: string, folders: string[], groupOrder: number) => ({
  extends: true as const,
  test: { name, include: folders.map(folder => `test/${folder}/**/*.test.ts`), sequence: { groupOrder } },
});

const entryPoints = [
  { find: /^holdfast$/, replacement: source('./src/index.ts') },
  { find: /^holdfast\/undici$/, replacement: source('./src/undici/index.ts') },
];

/** msw does not see undici, and some tests are about got itself. */
const needsGot = (file: string) =>
  /from '(msw|\.\/mocked-services)|vi\.mock\('got'/.test(readFileSync(source(file), 'utf8'));

const onBothTransports = ['./test/wire', './test/integration'].flatMap(folder =>
  readdirSync(source(folder))
    .filter(file => file.endsWith('.test.ts'))
    .map(file => `${folder}/${file}`)
    .filter(file => !needsGot(file)),
);

/** Where it would show that undici's major versions differ. */
const aboutUndici = onBothTransports.filter(file =>
  /\/(transport|undici|early-hints|attack-prototype)/.test(file),
);

/** Every client that names no transport is on undici here, which is the package of that name. */
const projectOnUndici = (name: string, undici: string, include: string[]) => ({
  extends: true as const,
  resolve: {
    alias: [
      ...entryPoints,
      { find: /^undici$/, replacement: undici },
      { find: /^.*\/got-transport\.ts$/, replacement: source('./test/support/undici-for-got.ts') },
    ],
  },
  test: { name, include, env: { HOLDFAST_TRANSPORT: 'undici' }, sequence: { groupOrder: TIMED } },
});

export default defineConfig({
  resolve: { alias: entryPoints },
  test: {
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 5000,
    retry: 0,
    // A process per file: the leak check looks at process-wide resources, which a worker thread does not have.
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      project('unit', ['unit'], COMPUTING),
      project('simulation', ['simulation'], COMPUTING),
      project('package', ['package'], COMPUTING),
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: source('./test/types/tsconfig.json'),
          },
          sequence: { groupOrder: COMPUTING },
        },
      },
      project('integration', ['integration'], TIMED),
      project('regressions', ['regressions'], TIMED),
      project('wire', ['wire', 'support'], TIMED),
      projectOnUndici('undici', 'undici', onBothTransports),
      projectOnUndici('undici 8', 'undici8', aboutUndici),
      project('frameworks', ['frameworks', 'fetch-clients'], TIMED),
      project('performance', ['performance'], MEASURING),
    ],
  },
});
