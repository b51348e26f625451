import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from './stage.ts';

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

export const isBroken = ({ verdicts }: Result): boolean => verdicts.some(({ breaches }) => breaches.length > 0);

export function writeReport(folder: string, seed: number, results: Result[], skipped: Record<string, string>): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'report.json');
  writeFileSync(path, `${JSON.stringify({ seed, at: new Date().toISOString(), skipped, results }, null, 2)}\n`);
  return path;
}
