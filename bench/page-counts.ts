import type { Cost } from './cost.ts';
import type { CountsReport } from './counts.ts';
import { stamp } from './page-stamp.ts';
import { markdown, number } from './page-table.ts';
import type { Found } from './reports.ts';

/** What each request costs Postgres and Temporal, counted. */
export function countsTable(found: Found<CountsReport>): string[] {
  const { costs, idle } = found.report;
  const quiet = `${number(idle.product.roundTrips, 1)} times a second, commit ${number(idle.product.writes, 1)} writes`;
  return [
    ...markdown(
      [
        '',
        'round trips',
        'write commits',
        'starts and signals',
        "workers' calls",
        'tasks',
        'activities',
        'history bytes',
      ],
      Object.entries(costs).map(([what, { roundTrips, writes, temporal, tasks }]) => [
        what,
        number(roundTrips, 1),
        number(writes, 1),
        // Where there is no workflow, nothing was asked of Temporal: what it counted then was not about this.
        number(tasks && callsOf(temporal, /^(Start|Signal)/), 2),
        number(tasks && callsOf(temporal, /^(Poll|Respond)/), 1),
        number(tasks?.workflowTasks, 1),
        number(tasks?.activities, 1),
        number(tasks?.historyBytes, 0),
      ]),
    ),
    '',
    `At rest the product's processes ask Postgres ${quiet} and call Temporal ` +
      `${number(idle.product.temporalCalls, 1)} times; the worker of rows asks ${number(idle.rows.roundTrips, 1)} times. ` +
      `None of that is in the table. ${stamp(found)}.`,
  ];
}

/** The statements of a passcode, from its request to its last status. */
export function statementsTable(found: Found<CountsReport>): string[] | undefined {
  const cost = found.report.costs['passcode'];
  if (!cost) return undefined;
  const often = Object.entries(cost.sql).filter(([, { flights }]) => flights >= 0.05);
  return [
    ...markdown(
      ['statement', 'round trips', 'write commits'],
      [
        ...often.map(([what, { flights, commits }]) => [`\`${what}\``, number(flights, 2), number(commits, 2)]),
        ['together, with those below 0.05', number(cost.roundTrips, 2), number(commitsOf(cost), 2)],
      ],
    ),
    '',
    `Transaction ids that Postgres gave out: ${number(cost.writes, 2)}. ${stamp(found)}.`,
  ];
}

const commitsOf = ({ sql }: Cost): number => Object.values(sql).reduce((sum, { commits }) => sum + commits, 0);

const callsOf = (calls: Record<string, number>, which: RegExp): number =>
  Object.entries(calls).reduce((sum, [operation, count]) => (which.test(operation) ? sum + count : sum), 0);
