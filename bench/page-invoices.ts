import type { Spent } from './invoice-cost.ts';
import type { HerdReport } from './invoice-herd.ts';
import { sides } from './invoice-herds.ts';
import type { InvoicesReport } from './invoices.ts';
import { stamp } from './page-stamp.ts';
import { markdown, megabytes, number } from './page-table.ts';
import type { Found } from './reports.ts';

/** What sleeps and what it weighs, how fast it starts, how fast it wakes. */
export function invoiceTables(found: Found<InvoicesReport>): string[] {
  const { report } = found;
  const { growth, tasks, paced, drainRatio } = report;
  const foreign = [...report.starts, ...Object.values(report.atOnce)].map(({ cpuMs }) => cpuMs?.foreignCores ?? NaN);
  return [
    ...levelTable(report),
    '',
    `From the fewest to the most: ${number(growth.databaseBytes, 0)} bytes of our database and ` +
      `${number(growth.temporalBytes, 0)} of Temporal's for each, the worker × ${number(growth.workerMbRatio, 2)}, what is alive in it ` +
      `× ${number(growth.workerAliveMbRatio, 2)}.`,
    '',
    ...startTable(report),
    '',
    ...herdTable(report),
    '',
    `Last one sent, of ${number(report.atOnce.bare.count, 0)} at once: ${number(drainRatio.product, 2)} × bare, ` +
      `${number(drainRatio['product without statuses'], 2)} × without statuses. At the usual pace of a number ` +
      `(${paced.perSecond}/s) they take ${number(paced.seconds, 1)} s, by rule. An invoice that has sent one reminder and ` +
      `sleeps again: ${number(tasks.workflowTasks, 1)} tasks, ${number(tasks.activities, 1)} activities, ` +
      `${number(tasks.historyBytes, 0)} bytes of history. ${stamp(found)}; other programs used at most ` +
      `${number(Math.max(...foreign), 2)} cores.`,
  ];
}

const levelTable = ({ levels }: InvoicesReport): string[] =>
  markdown(
    ['invoices asleep', 'API, MB', 'worker, MB', 'alive', 'Temporal, MB', 'our database, MB', "Temporal's, MB"],
    levels.map((level) => [
      number(level.invoices, 0),
      number(level.apiMb, 0),
      number(level.workerMb, 0),
      number(level.workerAliveMb, 0),
      number(level.temporalMb, 0),
      megabytes(level.databaseBytes),
      megabytes(level.temporalBytes),
    ]),
  );

const startTable = ({ starts }: InvoicesReport): string[] =>
  markdown(
    ['invoices made', 'answered/s', 'running/s', 'asleep/s', 'CPU ms', ...processes],
    starts.map(({ invoices, answered, running, asleep, cpuMs }) => [
      number(invoices, 0),
      number(answered, 1),
      number(running, 1),
      number(asleep, 1),
      ...cpuOf(cpuMs, processes),
    ]),
  );

const processes = ['api', 'worker', 'postgres', 'temporal'];
const wakers = [...processes, 'sandbox', 'bare'];

/** The sum of those that take part, then each of `names`. */
function cpuOf(cpuMs: Spent | undefined, names: string[], takingPart = names): string[] {
  if (!cpuMs) return ['', ...names].map(() => number(undefined, 1));
  const of = (name: string) => cpuMs.each[name] ?? 0;
  const sum = takingPart.reduce((total, name) => total + of(name), 0);
  return [sum, ...names.map((name) => (takingPart.includes(name) ? of(name) : undefined))].map((ms) => number(ms, 1));
}

const herdTable = ({ calm, atOnce }: InvoicesReport): string[] =>
  markdown(
    ['reminders due', '', 'late p50 / p99, ms', 'last one after, s', 'CPU ms', ...wakers],
    [calm, atOnce].flatMap((herds) => sides.map((side) => herdRow(side, herds[side]))),
  );

const herdRow = (side: string, { count, spacingMs, lateness, drainMs, cpuMs }: HerdReport): string[] => [
  spacingMs === 0 ? `${count} at once` : `${count}, one each ${spacingMs} ms`,
  side,
  `${number(lateness.p50, 0)} / ${number(lateness.p99, 0)}`,
  number(drainMs / 1_000, 1),
  ...cpuOf(cpuMs, wakers, side === 'bare' ? ['temporal', 'sandbox', 'bare'] : [...processes, 'sandbox']),
];
