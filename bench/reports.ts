import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/dev/programs.ts';

/** A report with the day of its run. */
export type Found<Report> = { on: string; report: Report };

/** Where runs work and reports stay. */
export function reportsFolder(): string {
  const folder = join(root, '.data', 'bench');
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  return folder;
}

/** Keeps a benchmark's report beside the earlier ones, and says where. One of a run that is not whole is a trial. */
export function writeReport(benchmark: string, report: object, isWhole = true): void {
  const name = isWhole ? benchmark : `${benchmark}-trial`;
  const path = join(reportsFolder(), `${name}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`The same as JSON: ${path}${isWhole ? '' : ' (a trial: the page shows none)'}`);
}

/** The newest report of a benchmark that has all of these parts, and is no trial; nothing when there is none. */
export function newestReport<Report extends object>(
  benchmark: string,
  ...parts: (keyof Report & string)[]
): Found<Report> | undefined {
  const names = readdirSync(reportsFolder())
    .filter((file) => file.startsWith(`${benchmark}-2`) && file.endsWith('.json'))
    .toSorted();
  for (const name of names.toReversed()) {
    const report = JSON.parse(readFileSync(join(reportsFolder(), name), 'utf8')) as Report;
    // An earlier version of a benchmark reported something else.
    if (!parts.every((part) => part in report)) continue;
    return { on: name.slice(benchmark.length + 1, benchmark.length + 11), report };
  }
  return undefined;
}
