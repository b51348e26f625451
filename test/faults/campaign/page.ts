import { fillPage } from '../../../bench/fill-page.ts';
import { markdown, number } from '../../../bench/page-table.ts';
import { newestWhole, type Report } from './report.ts';
import { isBroken, type Result } from './result.ts';

/** Puts the newest report of a whole run into docs/faults.md. */
export function writePage(folder: string): void {
  fillPage('faults.md', {
    campaign() {
      const report = newestWhole(folder);
      return report && blockOf(report);
    },
  });
}

function blockOf({ at, seed, minutes, seconds, machine: m, skipped, results }: Report): string[] {
  const broken = results.filter(isBroken).map(({ scenario }) => scenario);
  const on = m
    ? `commit ${m.commit}, ${m.cores} cores (${m.cpu}), ${m.memoryGb} GB, ${m.platform}; Node ${m.node}, ` +
      `Postgres ${m.postgres}, ${m.temporal}`
    : 'an unknown machine';
  return [
    `${at.slice(0, 10)}, ${on}. Seed ${seed}, the monkey for ${minutes} minutes, all of it in ` +
      `${number(seconds / 60, 0)} minutes. ${broken.length === 0 ? 'No rule was broken.' : `Broken: ${broken.join(', ')}.`}`,
    ...Object.entries(skipped).map(([name, why]) => `Not played: ${name}, which ${why}.`),
    '',
    ...markdown(
      [
        '',
        's',
        'promised',
        'invoices',
        'taken',
        'again',
        'in doubt / still',
        '503',
        'nobody',
        'slowest, ms',
        'struck',
        'broken',
      ],
      results.map(row),
    ),
  ];
}

function row({ scenario, seconds, figures, own, answers, verdicts }: Result): string[] {
  const of = (name: string) => number(figures[name], 0);
  const heard = (status: string) => number(answers[status] ?? (seconds > 0 ? 0 : undefined), 0);
  return [
    scenario,
    number(seconds > 0 ? seconds : undefined, 0),
    of('promised'),
    of('invoices'),
    of('taken'),
    of('resent'),
    `${of('doubted')} / ${of('unknown')}`,
    heard('503'),
    heard('none'),
    of('slowest_ms'),
    own.map((name) => `${of(name)} ${name.replaceAll('_', ' ')}`).join(', '),
    verdicts
      .filter(({ breaches }) => breaches.length > 0)
      .map(({ rule }) => rule)
      .join(', ') || 'nothing',
  ];
}
