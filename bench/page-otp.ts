import type { ContenderName } from './contenders.ts';
import type { CountsReport } from './counts.ts';
import type { PhaseReport } from './measure.ts';
import type { OtpReport } from './otp.ts';
import { markdown, number } from './page-table.ts';
import { titleOf } from './phase.ts';
import { mean } from './report.ts';

export function machineLine(on: string, { machine: m, phases, options }: OtpReport): string {
  const foreign = phases.flatMap(({ foreignCores }) => foreignCores ?? []);
  const most = foreign.length > 0 ? `at most ${number(Math.max(...foreign), 2)} cores` : 'an unknown part';
  return (
    `${on}: ${m.cores} cores (${m.cpu}), ${m.memoryGb} GB, ${m.platform}; Node ${m.node}, Postgres ${m.postgres}, ` +
    `${m.temporal}; phases of ${options.seconds} s; other programs used ${most} meanwhile.`
  );
}

type Figure = (phase: PhaseReport) => number | undefined;

/** Every load with every contender; what was measured twice is averaged. */
export function loadTable({ phases }: OtpReport): string[] {
  const loads = [...new Set(phases.map(({ load }) => titleOf(load)))];
  const names = [...new Set(phases.map(({ contender }) => contender))];
  const rows = loads.flatMap((load) =>
    names
      .filter((name) => phases.some((phase) => phase.contender === name && titleOf(phase.load) === load))
      .map((name) => {
        const of = (figure: Figure, digits: number) => number(mean(phases, name, load, figure), digits);
        const both = (what: 'accepted' | 'sent' | 'verify') =>
          `${of(({ latency }) => latency[what]?.p50, 1)} / ${of(({ latency }) => latency[what]?.p99, 0)}`;
        return [
          load,
          name,
          both('accepted'),
          both('sent'),
          both('verify'),
          of(({ flowsPerSecond }) => flowsPerSecond, 1),
          of(({ cpuMsPerOtpTotal }) => cpuMsPerOtpTotal, 1),
          of(({ refused503, offered }) => (100 * refused503) / offered, 0),
        ];
      }),
  );
  return markdown(
    ['load', '', 'accepted p50 / p99', 'sent p50 / p99', 'verify p50 / p99', 'flows/s', 'CPU ms', '503 %'],
    rows,
  );
}

/** Where the CPU time of a passcode goes, at the first rate. */
export function cpuTable({ phases }: OtpReport): string[] {
  const [first] = phases;
  if (!first?.cpuMsPerOtp) return ['CPU times are not known on this system.'];
  const load = titleOf(first.load);
  const processes = Object.keys(first.cpuMsPerOtp);
  const names = [...new Set(phases.map(({ contender }) => contender))];
  return markdown(
    [`ms per passcode at ${load}`, ...processes, 'its own parts'],
    names.map((name) => [
      name,
      ...processes.map((process) =>
        number(
          mean(phases, name, load, ({ cpuMsPerOtp }) => cpuMsPerOtp?.[process]),
          1,
        ),
      ),
      number(
        mean(phases, name, load, ({ cpuMsPerOtpTotal }) => cpuMsPerOtpTotal),
        1,
      ),
    ]),
  );
}

/** What was aimed at, and what was reached, with the webhooks of the provider and without. */
export function aims({ phases, ratios }: OtpReport, counts: CountsReport | undefined): string[] {
  const sides = ['product', 'product without statuses'] as const satisfies ContenderName[];
  const row = (aim: string, reached: (side: (typeof sides)[number]) => string) => [aim, ...sides.map(reached)];
  const loads = [...new Set(phases.map(({ load }) => titleOf(load)))];
  const [first = ''] = loads;
  const closed = [...new Set(phases.flatMap(({ load }) => ('users' in load ? [titleOf(load)] : [])))];
  const cost = counts?.costs['passcode, verified'];
  const commits = ['otp_send', 'otp_verify'].map((name) => number(cost?.sql[name]?.commits, 2)).join(' and ');
  const calls = ['StartWorkflowExecution', 'SignalWorkflowExecution'].map((name) => number(cost?.temporal[name], 2));
  return markdown(
    ['aim', ...sides],
    [
      row(`sent p50 at ${first}: at most 1.3 × bare`, (side) => number(ratios[first]?.[side]?.sentP50, 2)),
      ...closed.map((load) =>
        row(`flows/s, ${load}: at least 0.9 × bare`, (side) => number(ratios[load]?.[side]?.flowsPerSecond, 2)),
      ),
      row(`CPU per passcode at ${first}: at most 1.15 × bare`, (side) => number(ratios[first]?.[side]?.cpuPerOtp, 2)),
      row(`verify p50 at ${first}: under 4 ms`, (side) =>
        number(
          mean(phases, side, first, ({ latency }) => latency.verify?.p50),
          1,
        ),
      ),
      row('one write commit for each request: send and verify', () => commits),
      row('one call to Temporal for each request: send and verify', () => calls.join(' and ')),
      row('past the knee: at least 0.9 of its best throughput', (side) => number(pastTheKnee(phases, side), 2)),
      row('past the knee: sent within, p99 in s', (side) => number(waitPastTheKnee(phases, side), 1)),
    ],
  );
}

const rateOf = ({ load }: PhaseReport) => ('rate' in load ? load.rate : 0);
const ofSide = (phases: PhaseReport[], side: ContenderName) => phases.filter(({ contender }) => contender === side);
const atHighestRate = (phases: PhaseReport[]) => phases.toSorted((a, b) => rateOf(a) - rateOf(b)).at(-1);

function pastTheKnee(all: PhaseReport[], side: ContenderName): number | undefined {
  const phases = ofSide(all, side);
  const highest = atHighestRate(phases);
  return highest && highest.sentPerSecond / Math.max(...phases.map(({ sentPerSecond }) => sentPerSecond));
}

function waitPastTheKnee(all: PhaseReport[], side: ContenderName): number | undefined {
  const p99 = atHighestRate(ofSide(all, side))?.latency.sent?.p99;
  return p99 === undefined ? undefined : p99 / 1_000;
}
