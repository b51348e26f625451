import type { ContenderName } from './contenders.ts';
import type { CountsReport } from './counts.ts';
import type { InvoicesReport } from './invoices.ts';
import { loadOf, type LoadReport } from './loads.ts';
import type { OtpReport } from './otp.ts';
import { stamp } from './page-stamp.ts';
import { markdown, number } from './page-table.ts';
import { titleOf } from './phase.ts';
import type { Found } from './reports.ts';
import type { SleepersReport } from './sleepers.ts';

const sides = ['product', 'product without statuses'] as const satisfies ContenderName[];
type Side = (typeof sides)[number];

export type AimSources = {
  otp: Found<OtpReport> | undefined;
  counts: Found<CountsReport> | undefined;
  passcodes: Found<SleepersReport> | undefined;
  messages: Found<SleepersReport> | undefined;
  invoices: Found<InvoicesReport> | undefined;
};

/** What was aimed at and, on each side, what was reached: one figure or several, each of which has to keep the aim. */
type Aim = {
  aim: string;
  digits: number;
  keeps?: (value: number) => boolean;
  of: (side: Side) => (number | undefined)[];
};

const atMost = (limit: number) => (value: number) => value <= limit;
const atLeast = (limit: number) => (value: number) => value >= limit;

/** What was aimed at, and what was reached, with the webhooks of the provider and without. */
export function aims(sources: AimSources): string[] {
  const all = [...passcodeAims(sources), ...requestAims(sources), ...sleepAims(sources)];
  let [measured, missed] = [0, 0];
  const cell = ({ digits, keeps, of }: Aim, side: Side): string => {
    const values = of(side);
    const known = values.filter((value) => value !== undefined);
    if (known.length === 0) return '–';
    const isMissed = keeps !== undefined && !known.every(keeps);
    if (keeps) measured += 1;
    if (isMissed) missed += 1;
    return `${values.map((value) => number(value, digits)).join(' and ')}${isMissed ? ' ✗' : ''}`;
  };
  const rows = all.map((aim) => [aim.aim, ...sides.map((side) => cell(aim, side))]);
  return [
    ...markdown(['aim', ...sides], rows),
    '',
    `${missed} of ${measured} figures miss their aim (✗). ${stamp(...Object.values(sources))}.`,
  ];
}

function passcodeAims({ otp }: AimSources): Aim[] {
  const { loads = [], ratios = {} } = otp?.report ?? {};
  const [first = ''] = loads.map(({ load }) => titleOf(load));
  const closed = [...new Set(loads.flatMap(({ load }) => ('users' in load ? [titleOf(load)] : [])))];
  return [
    {
      aim: `sent p50 at ${first}: at most 1.3 × bare`,
      digits: 2,
      keeps: atMost(1.3),
      of: (side) => [ratios[first]?.[side]?.sentP50],
    },
    ...closed.map((load): Aim => ({
      aim: `flows/s, ${load}: at least 0.9 × bare`,
      digits: 2,
      keeps: atLeast(0.9),
      of: (side) => [ratios[load]?.[side]?.flowsPerSecond],
    })),
    {
      aim: `CPU per passcode at ${first}: at most 1.15 × bare`,
      digits: 2,
      keeps: atMost(1.15),
      of: (side) => [ratios[first]?.[side]?.cpuPerOtp],
    },
    {
      aim: `verify p50 at ${first}: under 4 ms`,
      digits: 1,
      keeps: (ms) => ms < 4,
      of: (side) => [loadOf(loads, side, first)?.latency.verify?.p50],
    },
    {
      aim: 'past the knee: at least 0.9 of its best throughput',
      digits: 2,
      keeps: atLeast(0.9),
      of: (side) => [pastTheKnee(loads, side)],
    },
    {
      aim: 'past the knee: a bounded wait; sent within, p99 in s',
      digits: 1,
      of: (side) => [waitPastTheKnee(loads, side)],
    },
  ];
}

const costNames: Record<Side, string> = {
  product: 'passcode',
  'product without statuses': 'passcode, without statuses',
};

function requestAims({ counts }: AimSources): Aim[] {
  const costOf = (side: Side) => counts?.report.costs[costNames[side]];
  // A connection that broke, or a request that came while another one was tried again, may add one in a hundred.
  const keeps = atMost(1.02);
  return [
    {
      aim: 'write commits of a request until its answer, send and verify: one',
      digits: 2,
      keeps,
      of: (side) => ['otp_send', 'otp_verify'].map((name) => costOf(side)?.sql[name]?.commits),
    },
    {
      aim: 'calls to Temporal for a request, send and verify: one',
      digits: 2,
      keeps,
      of: (side) =>
        ['StartWorkflowExecution', 'SignalWorkflowExecution'].map((operation) => costOf(side)?.temporal[operation]),
    },
  ];
}

/** Both sides sleep alike: what a status costs is over by then. */
function sleepAims({ passcodes, messages, invoices }: AimSources): Aim[] {
  const flat = (what: string, value: number | undefined): Aim => ({
    aim: `resident memory, ${what}: at most 1.1 ×`,
    digits: 2,
    keeps: atMost(1.1),
    of: (side) => (side === 'product' ? [value] : []),
  });
  const most = (level: { flows: number } | undefined) => number(level?.flows, 0);
  const between = ({ report }: Found<SleepersReport>) =>
    `${most(report.series.levels.at(-1))} over ${most(report.series.levels[1])}`;
  const { growth, levels, drainRatio, atOnce } = invoices?.report ?? {};
  return [
    flat(`passcodes ended, ${passcodes ? between(passcodes) : ''}`, passcodes?.report.series.processMbRatio),
    flat(`messages asleep, ${messages ? between(messages) : ''}`, messages?.report.series.processMbRatio),
    flat(
      `the worker of invoices asleep, ${number(levels?.at(-1)?.invoices, 0)} over ${number(levels?.[1]?.invoices, 0)}`,
      growth?.workerMbRatio,
    ),
    {
      aim: `last of ${number(atOnce?.bare.count, 0)} reminders due at once: at most 2 × bare`,
      digits: 2,
      keeps: atMost(2),
      of: (side) => [drainRatio?.[side]],
    },
  ];
}

const rateOf = ({ load }: LoadReport) => ('rate' in load ? load.rate : 0);
const ofSide = (loads: LoadReport[], side: Side) => loads.filter(({ contender }) => contender === side);
const atHighestRate = (loads: LoadReport[]) => loads.toSorted((a, b) => rateOf(a) - rateOf(b)).at(-1);

function pastTheKnee(all: LoadReport[], side: Side): number | undefined {
  const loads = ofSide(all, side);
  const highest = atHighestRate(loads);
  return highest && highest.sentPerSecond / Math.max(...loads.map(({ sentPerSecond }) => sentPerSecond));
}

function waitPastTheKnee(all: LoadReport[], side: Side): number | undefined {
  const p99 = atHighestRate(ofSide(all, side))?.latency.sent?.p99;
  return p99 === undefined ? undefined : p99 / 1_000;
}
