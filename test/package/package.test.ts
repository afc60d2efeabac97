import { writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VERSION } from '../../src/version.ts';
import { PackedPackage, repository, run } from './packed-package.ts';

const PACKING_MS = 120_000;
const ENDS_WITHIN_MS = 10_000;

describe('the packed package', () => {
  let packed: PackedPackage;

  beforeAll(async () => {
    packed = await PackedPackage.make();
  }, PACKING_MS);

  afterAll(() => packed?.[Symbol.asyncDispose]());

  /** `holdfast`, `holdfast/testing` and so on. */
  const entryPoints = () => Object.keys(packed.manifest.exports).map(key => join('holdfast', key));

  /** Runs code as a file of a project that has the package installed. */
  const runInProject = async (name: string, code: string): Promise<string> => {
    await writeFile(join(packed.project, name), code);
    return run('node', [name], packed.project, ENDS_WITHIN_MS);
  };

  test('holds the built code, its types and maps, and the papers, nothing else', () => {
    expect(packed.files.filter(file => !/^dist\/[\w-]+\.(js|js\.map|d\.ts)$/.test(file))).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ]);
  });

  test('has every file that its exports and its command name', () => {
    const targets = Object.values(packed.manifest.exports).flatMap(target => Object.values(Object(target)));
    const named = [...targets, ...Object.values(packed.manifest.bin ?? {})].map(path => join(String(path)));
    expect(packed.files).toEqual(expect.arrayContaining(named));
    expect(targets.length).toBeGreaterThan(0);
  });

  test('knows its own version', () => {
    expect(VERSION).toBe(packed.manifest.version);
  });

  test('gives import and require the very same things', async () => {
    const output = await runInProject(
      'same.mjs',
      `import { createRequire } from 'node:module';
       const require = createRequire(import.meta.url);
       const differing = [];
       for (const name of ${JSON.stringify(entryPoints())}) {
         const [imported, required] = [await import(name), require(name)];
         for (const key of Object.keys(imported)) if (imported[key] !== required[key]) differing.push(name + ': ' + key);
       }
       const { ServiceClient, ServiceClientError, ConfigurationError } = require('holdfast');
       try {
         new ServiceClient({});
       } catch (error) {
         const { ConfigurationError: imported } = await import('holdfast');
         console.log(JSON.stringify([differing, error instanceof imported, error instanceof ServiceClientError]));
       }`,
    );
    expect(JSON.parse(output)).toEqual([[], true, true]);
  });

  test('names every class and function as it exports it, so that errors print as what they are', async () => {
    const output = await runInProject(
      'names.mjs',
      `import { inspect } from 'node:util';
       import * as holdfast from 'holdfast';
       const misnamed = Object.entries(holdfast).filter(([key, value]) => value.name !== key).map(([key]) => key);
       const error = await new holdfast.ServiceClient({ name: 'users', baseUrl: 'http://users.test' }).get('/..').catch(reason => reason);
       console.log(JSON.stringify([misnamed, inspect(error).split(':')[0]]));`,
    );
    expect(JSON.parse(output)).toEqual([[], 'InvalidRequestError']);
  });

  test('loads from a CommonJS file without a warning', async () => {
    const output = await runInProject(
      'warned.cjs',
      `process.on('warning', warning => console.log(warning.message));
       console.log(typeof require('holdfast').ServiceClient);`,
    );
    expect(output.trim()).toBe('function');
  });

  test('starts nothing when it is loaded: the process ends by itself', async () => {
    const output = await runInProject(
      'idle.mjs',
      `${entryPoints()
        .map(name => `await import('${name}');`)
        .join('\n')}
       console.log(process.getActiveResourcesInfo().filter(kind => /Timeout|TCP|Immediate/.test(kind)).length);`,
    );
    expect(output.trim()).toBe('0');
  });

  test('is typed for importers and requirers, with libraries checked too', async () => {
    const names = entryPoints();
    const imports = names.map((name, index) => `import * as entry${index} from '${name}';`).join('\n');
    const code = `${imports}\nexport const client: entry0.ServiceClient | undefined = undefined;\n`;
    for (const name of ['esm.mts', 'commonjs.cts']) await writeFile(join(packed.project, name), code);
    const options = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    await run('tsc', ['--noEmit', '--strict', ...options, 'esm.mts', 'commonjs.cts'], packed.project);
  });

  test('imports, in code and in types, only what it depends on', async () => {
    const foreign = new Set<string>();
    for (const file of packed.files.filter(name => /\.(js|d\.ts)$/.test(name))) {
      for (const [, name = ''] of (await packed.read(file)).matchAll(
        /^(?:import|export)[^'"]*["']([^'"]+)["'];?$/gm,
      )) {
        if (!name.startsWith('.') && !isBuiltin(name)) foreign.add(name);
      }
    }
    expect(packed.packages).toEqual(expect.arrayContaining([...foreign]));
  });

  test("keeps opossum's incomplete types out of its own", async () => {
    for (const file of packed.files.filter(name => name.endsWith('.d.ts'))) {
      expect(await packed.read(file)).not.toMatch(/['"]opossum['"]/);
    }
  });

  test('tells nothing about the machine that built it', async () => {
    for (const file of packed.files) {
      const text = await packed.read(file);
      for (const path of [repository, packed.project, homedir(), 'holdfast-package-']) {
        expect(text.includes(`${path}/`), `${file} names ${path}`).toBe(false);
      }
    }
  });

  test('maps its code to sources inside the package alone', async () => {
    for (const file of packed.files.filter(name => name.endsWith('.map'))) {
      const { sources }: { sources: string[] } = JSON.parse(await packed.read(file));
      expect(sources.filter(source => !source.startsWith('../src/'))).toEqual([]);
    }
  });
});
