import { PackedPackage, repository, run } from './packed-package.ts';

/** What publint and attw say of the packed tarball: `npm run check:package`. */
await using packed = await PackedPackage.make();
console.log(await run('publint', ['run', '--strict', packed.tarball], repository));
console.log(
  await run('attw', ['--profile', 'esm-only', '--no-definitely-typed', packed.tarball], repository),
);
