import { parseArgs } from 'node:util';
import { describeMachine, type Machine } from './machine.ts';
import { listOf } from './options.ts';
import { writeReport } from './reports.ts';
import { runApart } from './run-apart.ts';
import { seriesOf, type Series } from './sleepers-levels.ts';
import { isSeries, seriesNames, sleepersSeries, type SeriesName } from './sleepers-series.ts';
import { databaseOf, startStack } from './stack.ts';
import { isWhole } from './whole.ts';
import { inTemporaryFolder } from './workspace.ts';

/** One report for each series. */
export type SleepersReport = { machine: Machine; series: Series };
export const sleepersReport = (name: SeriesName): string => `sleepers-${name}`;

/** What stays of passcodes that have ended, and of messages that sleep until next month, beside bare and rows. */
export async function benchmarkSleepers(args: string[]): Promise<void> {
  const { flows, series } = read(args);
  const [name] = series;
  if (series.length === 1 && name) return measure(name, args);
  // What one series leaves in the memory of a process is nothing that the next one may begin with.
  for (const each of series) {
    if (await runApart(['sleepers', '--series', each, '--flows', flows.join(',')])) continue;
    console.log(`${each} failed`);
    process.exitCode = 1;
  }
}

async function measure(name: SeriesName, args: string[]): Promise<void> {
  const { flows } = read(args);
  const { players, database: databaseName, temporal, title, setUp } = sleepersSeries[name];
  await inTemporaryFolder(async (folder) => {
    console.log(`\n${title}: starting Postgres, Temporal, the sandbox, the API and what else takes part.`);
    const stack = await startStack(folder, { players });
    const machine = await describeMachine(stack.superuserUrl);
    const { pid, grow, close } = await setUp(stack, folder);
    const database = databaseName && databaseOf(stack, databaseName);
    const temporalPid = temporal ? stack.pids['temporal'] : undefined;
    const series = await seriesOf({ pid, temporalPid, file: stack.temporal.file, database }, flows, grow);
    await close?.();
    await database?.end();
    const report: SleepersReport = { machine, series };
    console.log(JSON.stringify(series, null, 2));
    const withoutName = args.filter((_, i) => args[i] !== '--series' && args[i - 1] !== '--series');
    writeReport(sleepersReport(name), report, isWhole(read, withoutName));
  });
}

function read(args: string[]): { flows: number[]; series: SeriesName[] } {
  const { values } = parseArgs({
    args,
    options: {
      flows: { type: 'string', default: '1000,10000' },
      series: { type: 'string', default: seriesNames.join(',') },
    },
  });
  const series = values.series.split(',').map((name) => {
    if (!isSeries(name)) throw new Error(`--series takes some of ${seriesNames.join(', ')}, not "${name}"`);
    return name;
  });
  return { flows: listOf('flows', values.flows), series };
}
