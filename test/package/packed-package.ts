import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The checkout. */
export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Everything that decides what is in the tarball. */
const INGREDIENTS = [
  'package.json',
  '.npmrc',
  'tsconfig.json',
  'tsup.config.ts',
  'src',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

/** A command that does not end is a failure, and must not outlive the tests. */
const COMMAND_MS = 60_000;

export interface Manifest {
  readonly version: string;
  readonly exports: Record<string, string | Record<string, string>>;
  readonly bin?: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

/** The package as a registry would hand it out, built from a copy so that the checkout's `dist` is left alone. */
export class PackedPackage implements AsyncDisposable {
  readonly tarball: string;
  /** A project that has it, and its dependencies, installed. */
  readonly project: string;
  /** Where it lies in that project. */
  readonly installed: string;
  /** Names of what is in the tarball, relative to the package's root. */
  readonly files: readonly string[];
  readonly manifest: Manifest;
  readonly #folder: string;

  private constructor(folder: string, tarball: string, files: string[], manifest: Manifest) {
    this.#folder = folder;
    this.tarball = tarball;
    this.project = join(folder, 'project');
    this.installed = join(this.project, 'node_modules', 'holdfast');
    this.files = files;
    this.manifest = manifest;
  }

  /** Packs with `npm pack`, which builds, and installs without a registry. */
  static async make(): Promise<PackedPackage> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-package-')));
    const stage = join(folder, 'stage');
    const modules = join(folder, 'project', 'node_modules');
    await mkdir(stage);
    for (const name of INGREDIENTS.filter(name => existsSync(join(repository, name)))) {
      await cp(join(repository, name), join(stage, name), { recursive: true });
    }
    await symlink(join(repository, 'node_modules'), join(stage, 'node_modules'));
    await run('npm', ['pack', '--offline', '--pack-destination', folder], stage);
    const tarball = join(
      folder,
      (await readdir(folder)).find(name => name.endsWith('.tgz')) ?? 'missing.tgz',
    );

    const installed = join(modules, 'holdfast');
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed], folder);
    const manifest: Manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    for (const name of ['@types/node', ...packagesOf(manifest)]) {
      await mkdir(dirname(join(modules, name)), { recursive: true });
      await symlink(join(repository, 'node_modules', name), join(modules, name));
    }
    return new PackedPackage(folder, tarball, await filesBelow(installed), manifest);
  }

  /** Packages that the installed one may import. */
  get packages(): string[] {
    return packagesOf(this.manifest);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.installed, file), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Runs a command with the repository's tools first on the path; rejects with all it printed. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  timeout = COMMAND_MS,
): Promise<string> {
  const PATH = `${join(repository, 'node_modules', '.bin')}:${process.env.PATH}`;
  try {
    const { stdout } = await execute(command, args, {
      cwd,
      env: { ...process.env, PATH },
      timeout,
      killSignal: 'SIGKILL',
    });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

function packagesOf(manifest: Manifest): string[] {
  return [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies ?? {})];
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
