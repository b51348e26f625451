import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/dev/programs.ts';

/** Where runs work and reports stay. */
export function reportsFolder(): string {
  const folder = join(root, '.data', 'bench');
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  return folder;
}

/** Keeps a benchmark's report beside the earlier ones, and says where. */
export function writeReport(benchmark: string, report: object): void {
  const path = join(reportsFolder(), `${benchmark}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`The same as JSON: ${path}`);
}

/** The newest report of a benchmark with its date, or nothing when there is none. */
export function newestReport<Report>(benchmark: string): { on: string; report: Report } | undefined {
  const name = readdirSync(reportsFolder())
    .filter((file) => file.startsWith(`${benchmark}-2`) && file.endsWith('.json'))
    .toSorted()
    .at(-1);
  if (name === undefined) return undefined;
  const report = JSON.parse(readFileSync(join(reportsFolder(), name), 'utf8')) as Report;
  return { on: name.slice(benchmark.length + 1, benchmark.length + 11), report };
}
