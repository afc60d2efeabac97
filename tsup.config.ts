import { defineConfig } from 'tsup';

/** One entry per entry point in `exports`; code they share goes into chunks, so that a class exists once. */
export default defineConfig({
  entry: { index: 'src/index.ts', undici: 'src/undici/index.ts' },
  format: ['esm'],
  target: 'node22.12',
  platform: 'node',
  splitting: true,
  treeshake: true,
  sourcemap: true,
  clean: true,
  dts: true,
});
