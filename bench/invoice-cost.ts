import { cpuBetween, readCpu, type CpuReading } from './cpu.ts';
import { round } from './statistics.ts';

/** CPU milliseconds of each process for one of what was done, and the cores that programs other than ours took. */
export type Spent = { each: CpuReading; foreignCores: number };

/** Does a thing and answers beside it what it took. Nothing where there is no /proc. */
export async function spending<Result>(
  pids: Record<string, number>,
  count: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; spent: Spent | undefined }> {
  const [started, before] = [performance.now(), readCpu(pids)];
  const result = await work();
  const cpu = cpuBetween(before, readCpu(pids));
  if (!cpu) return { result, spent: undefined };
  const { machine = 0, ...ours } = cpu;
  const sum = Object.values(ours).reduce((total, ms) => total + ms, 0);
  const foreign = (machine - sum) / (performance.now() - started);
  return {
    result,
    spent: {
      each: Object.fromEntries(Object.entries(ours).map(([name, ms]) => [name, round(ms / count)])),
      foreignCores: Math.max(0, Math.round(foreign * 100) / 100),
    },
  };
}
