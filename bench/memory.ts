import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SETTLE_MS = 20_000;
const SAMPLES = 10;

/** Resident megabytes of processes at rest: the least of several samples, after what they did has been collected. */
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

/** Bytes of an SQLite database with its journal. */
export function sqliteBytes(path: string): number {
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(basename(path)))
    .reduce((sum, name) => sum + statSync(join(dirname(path), name)).size, 0);
}
