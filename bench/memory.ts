import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SETTLE_MS = 20_000;
const SAMPLES = 10;
const COLLECTED_MS = 3_000;

/** Environment of a process whose memory `aliveMb` may ask for. */
export const collectable = {
  NODE_OPTIONS: `--import=${new URL('collect.ts', import.meta.url).href}`,
  COLLECTED: mkdtempSync(join(tmpdir(), 'carillon-collected-')),
};
process.on('exit', () => rmSync(collectable.COLLECTED, { recursive: true, force: true }));

/** Resident megabytes of processes at rest: the least of several samples. */
export async function residentMb<Name extends string>(pids: Record<Name, number>): Promise<Record<Name, number>> {
  await sleep(SETTLE_MS);
  const least = {} as Record<Name, number>;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    for (const name of Object.keys(pids) as Name[]) {
      const mb = residentNow(pids[name]);
      least[name] = Math.min(least[name] ?? Infinity, mb);
    }
    await sleep(1_000);
  }
  return least;
}

/** NaN where there is no /proc. */
function residentNow(pid: number): number {
  try {
    const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kb) / 102.4) / 10;
  } catch {
    return Number.NaN;
  }
}

/** Megabytes that are alive in the heaps of a process that was started as `collectable`, its garbage collected. */
export async function aliveMb(pid: number): Promise<number> {
  const folder = collectable.COLLECTED;
  const own = (): string[] => readdirSync(folder).filter((name) => name.startsWith(`${pid}-`));
  for (const name of own()) rmSync(join(folder, name));
  process.kill(pid, 'SIGUSR2');
  // Each thread collects when it comes to it.
  await sleep(COLLECTED_MS);
  const bytes = own().reduce((sum, name) => sum + Number(readFileSync(join(folder, name), 'utf8')), 0);
  return Math.round(bytes / 2 ** 20);
}

/** Bytes of an SQLite database with its journal. */
export function sqliteBytes(path: string): number {
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(basename(path)))
    .reduce((sum, name) => sum + statSync(join(dirname(path), name)).size, 0);
}
