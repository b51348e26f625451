import { stamp } from './page-stamp.ts';
import { markdown, megabytes, number } from './page-table.ts';
import { newestReport } from './reports.ts';
import { sleepersReport, type SleepersReport } from './sleepers.ts';
import { seriesNames, sleepersSeries } from './sleepers-series.ts';

/** Memory and bytes of every series that was measured; nothing when none was. */
export function sleepersTables(): string[] | undefined {
  const series = seriesNames.flatMap((name) => {
    const found = newestReport<SleepersReport>(sleepersReport(name), 'series');
    return found ? [{ title: sleepersSeries[name].title, found, ...found.report.series }] : [];
  });
  if (series.length === 0) return undefined;
  return [
    ...markdown(
      ['', 'flows', 'process, MB', 'alive in it, MB', 'Temporal, MB', 'database, MB', "Temporal's, MB"],
      series.flatMap(({ title, levels }) =>
        levels.map((level) => [
          title,
          number(level.flows, 0),
          number(level.processMb, 0),
          number(level.aliveMb, 0),
          number(level.temporalMb, 0),
          megabytes(level.databaseBytes),
          megabytes(level.temporalBytes),
        ]),
      ),
    ),
    '',
    ...markdown(
      ['from the fewest to the most', 'process', 'alive in it', 'database bytes per flow', "Temporal's bytes per flow"],
      series.map(({ title, processMbRatio, aliveMbRatio, bytesPerFlow }) => [
        title,
        `× ${number(processMbRatio, 2)}`,
        `× ${number(aliveMbRatio, 2)}`,
        number(bytesPerFlow.database, 0),
        number(bytesPerFlow.temporal, 0),
      ]),
    ),
    '',
    `${stamp(...series.map(({ found }) => found))}.`,
  ];
}
