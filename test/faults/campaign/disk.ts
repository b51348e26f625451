import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mount = (folder: string, megabytes: number) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'tmpfs', folder], { stdio: 'pipe' });
const unmount = (folder: string) => execFileSync('umount', ['-l', folder], { stdio: 'pipe' });

/** A disk of its own is a small file system in memory, which only a user who may mount can have. */
export function whyNoDisk(): string | undefined {
  const trial = mkdtempSync(join(tmpdir(), 'carillon-disk-'));
  try {
    mount(trial, 1);
    unmount(trial);
    return undefined;
  } catch {
    return 'needs the right to mount a small file system';
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

export async function withDisk<T>(folder: string, megabytes: number, work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  mount(folder, megabytes);
  const end = () => unmount(folder);
  // Whoever is interrupted leaves no mount behind either.
  process.once('exit', end);
  try {
    return await work(folder);
  } finally {
    process.off('exit', end);
    end();
  }
}

/** A disk that somebody does not write to can be as full as it likes. */
export function assertOnDisk(folder: string, paths: readonly string[]): void {
  const { dev } = statSync(folder);
  for (const path of paths)
    if (statSync(path).dev !== dev) throw new Error(`${path} is ${realpathSync(path)}, not on the disk ${folder}`);
}

const ballast = (folder: string) => join(folder, 'ballast');

/** Leaves not a block. Answers how many megabytes it took. */
export function fillDisk(folder: string): number {
  let written = 0;
  for (let size = 1 << 20; size >= 4_096; size >>= 1) {
    for (;;) {
      try {
        writeFileSync(ballast(folder), Buffer.alloc(size), { flag: 'a' });
        written += size;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        break;
      }
      if (statfsSync(folder).bavail === 0) break;
    }
  }
  return Math.round(written / (1 << 20));
}

export const freeDisk = (folder: string): void => rmSync(ballast(folder), { force: true });
