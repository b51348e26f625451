import { readdirSync, readFileSync } from 'node:fs';

/** CPU milliseconds so far, by the name of the process; `machine` is the busy time of all cores. */
export type CpuReading = Record<string, number>;

// USER_HZ is 100 on every Linux that Node runs on.
const tickMs = 10;

/** Undefined where there is no /proc. */
export function readCpu(pids: Record<string, number>): CpuReading | undefined {
  try {
    const readings = Object.entries(pids).map(([name, pid]) => [name, pid === process.pid ? ownMs() : treeMs(pid)]);
    return { ...Object.fromEntries(readings), machine: machineMs() };
  } catch {
    return undefined;
  }
}

export function cpuBetween(before: CpuReading | undefined, after: CpuReading | undefined): CpuReading | undefined {
  if (!before || !after) return undefined;
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

/** Without our children, which are counted by themselves. */
function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A process with those below it: Postgres is one per connection, and one that ended counts with its parent. */
function treeMs(pid: number): number {
  let ms = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(Number(name));
    if (!fields) continue;
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number);
    if (Number(name) === pid) ms += (utime + stime + cutime + cstime) * tickMs;
    else if (Number(fields[1]) === pid) ms += (utime + stime) * tickMs;
  }
  return ms;
}

/** The fields from the third on: the second is a name that may hold blanks and parentheses. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function machineMs(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] =
    readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).slice(1).map(Number) ?? [];
  return (user + nice + system + irq + softirq + steal) * tickMs;
}
