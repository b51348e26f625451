import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../../bench/machine.ts';
import type { Result } from './result.ts';

/** A run, with all that is needed to make it again. */
export type Report = {
  at: string;
  seed: number;
  /** Of the monkey. */
  minutes: number;
  /** Every scenario at its full length: only such a run is shown to anybody. */
  whole: boolean;
  seconds: number;
  /** With the commit. */
  machine: Machine | undefined;
  /** By scenario, why it cannot be played here. */
  skipped: Record<string, string>;
  results: Result[];
};

const mostShown = 8;

/** One line for what happened, and one for each breach. */
export function tell({ scenario, seconds, settledSeconds, figures, answers, verdicts }: Result): string {
  const broken = verdicts.filter(({ breaches }) => breaches.length > 0);
  const numbers = Object.entries(figures).map(([name, value]) => `${value} ${name}`);
  const heard = Object.entries(answers).map(([status, n]) => `${status}×${n}`);
  return [
    `${broken.length === 0 ? 'ok    ' : 'BREACH'} ${scenario.padEnd(22)} ${seconds.toFixed(0)} s + ` +
      `${settledSeconds.toFixed(0)} s: ${numbers.join(', ')}; answers ${heard.join(' ')}`,
    ...broken.flatMap(({ rule, breaches }) => [
      `       ${rule}: ${breaches.length}`,
      ...breaches.slice(0, mostShown).map((one) => `         ${one}`),
    ]),
  ].join('\n');
}

/** Keeps it beside the earlier ones, and once more as the newest. Answers where. */
export function writeReport(folder: string, report: Report): string {
  mkdirSync(folder, { recursive: true });
  const kept = join(folder, `report-${report.at.replaceAll(/[:.]/g, '-')}.json`);
  for (const path of [join(folder, 'report.json'), kept]) writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return kept;
}

/** The newest of a whole run, or nothing when there is none. */
export function newestWhole(folder: string): Report | undefined {
  mkdirSync(folder, { recursive: true });
  const names = readdirSync(folder).filter((name) => /^report-2.*\.json$/.test(name));
  for (const name of names.toSorted().toReversed()) {
    const report = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Report;
    if (report.whole) return report;
  }
  return undefined;
}
