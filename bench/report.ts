import type { ContenderName } from './contenders.ts';
import type { Machine } from './machine.ts';
import type { PhaseReport } from './measure.ts';
import { titleOf } from './phase.ts';

/** By load and contender: its figure over the bare client's. Phases of one load are averaged. */
export type Ratios = Record<string, Record<string, { sentP50?: number; flowsPerSecond?: number; cpuPerOtp?: number }>>;

export function ratios(phases: PhaseReport[]): Ratios {
  const result: Ratios = {};
  for (const load of new Set(phases.map((phase) => titleOf(phase.load)))) {
    for (const contender of new Set(phases.map((phase) => phase.contender))) {
      if (contender === 'bare') continue;
      const over = (figure: (phase: PhaseReport) => number | undefined) => {
        const [own, bare] = [mean(phases, contender, load, figure), mean(phases, 'bare', load, figure)];
        return own === undefined || bare === undefined ? undefined : Math.round((own / bare) * 100) / 100;
      };
      const [sentP50, cpuPerOtp] = [over((p) => p.latency.sent?.p50), over((p) => p.cpuMsPerOtpTotal)];
      const flowsPerSecond = over((p) => p.flowsPerSecond);
      if (sentP50 === undefined || flowsPerSecond === undefined) continue;
      result[load] ??= {};
      result[load][contender] = { sentP50, flowsPerSecond, ...(cpuPerOtp === undefined ? {} : { cpuPerOtp }) };
    }
  }
  return result;
}

/** The mean of a figure over the phases of one contender and load; nothing when there are none. */
export function mean(
  phases: PhaseReport[],
  contender: ContenderName,
  load: string,
  figure: (phase: PhaseReport) => number | undefined,
): number | undefined {
  const values = phases.flatMap((p) =>
    p.contender === contender && titleOf(p.load) === load ? (figure(p) ?? []) : [],
  );
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}

/** The whole run in plain text. */
export function table(machine: Machine, phases: PhaseReport[]): string {
  return [
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, ${machine.platform}`,
    `Node ${machine.node}, Postgres ${machine.postgres}, ${machine.temporal}`,
    '',
    'Latency in ms from the intended arrival ("lag" is how late the generator itself was).',
    line('', '', 'count', 'p50', 'p90', 'p99', 'max'),
    ...phases.flatMap(latencyLines),
    '',
    'What became of them.',
    outcome('', ...outcomes.map(([name]) => name)),
    ...phases.map((phase) => outcome(title(phase), ...outcomes.map(([, figure]) => figure(phase)))),
    '',
    'CPU in ms for each passcode ("foreign" is cores used by other programs meanwhile).',
    ...cpuLines(phases),
    '',
    ...Object.entries(ratios(phases)).flatMap(([load, by]) =>
      Object.entries(by).map(
        ([contender, r]) =>
          `${contender} / bare, ${load}: sent p50 ${r.sentP50}, flows/s ${r.flowsPerSecond}, CPU ${r.cpuPerOtp ?? '?'}`,
      ),
    ),
  ].join('\n');
}

const title = ({ contender, load }: PhaseReport) => `${contender} ${titleOf(load)}`;

function latencyLines(phase: PhaseReport): string[] {
  return Object.entries(phase.latency).map(([what, { count, p50, p90, p99, max }], index) =>
    line(index === 0 ? title(phase) : '', what, count, p50, p90, p99, max),
  );
}

const outcomes: [string, (phase: PhaseReport) => string | number][] = [
  ['offered', (p) => p.offered],
  ['accepted', (p) => p.accepted],
  ['503', (p) => (p.refusedWithoutRetryAfter > 0 ? `${p.refused503} (!)` : p.refused503)],
  ['other', (p) => (JSON.stringify(p.otherAnswers) === '{}' ? 0 : JSON.stringify(p.otherAnswers))],
  ['unsent', (p) => p.unsent],
  ['twice', (p) => p.sentTwice],
  ['unverified', (p) => p.unverified],
  ['overtaken', (p) => p.overtaken],
  ['drain s', (p) => (p.drainMs / 1000).toFixed(1)],
  ['sent/s', (p) => p.sentPerSecond],
  ['flows/s', (p) => p.flowsPerSecond],
];

function cpuLines(phases: PhaseReport[]): string[] {
  const names = Object.keys(phases[0]?.cpuMsPerOtp ?? {});
  if (names.length === 0) return ['not known on this system'];
  return [
    outcome('', ...names, 'sum', 'foreign'),
    ...phases.map((p) =>
      outcome(
        title(p),
        ...names.map((name) => p.cpuMsPerOtp?.[name]?.toFixed(1) ?? ''),
        p.cpuMsPerOtpTotal ?? '',
        p.foreignCores ?? '',
      ),
    ),
  ];
}

const line = (name: string, what: string, ...figures: (string | number)[]) =>
  `  ${name.padEnd(34)}${what.padEnd(10)}${figures.map((figure) => String(figure).padStart(9)).join('')}`;

const outcome = (name: string, ...figures: (string | number)[]) =>
  `  ${name.padEnd(34)}${figures.map((figure) => String(figure).padStart(11)).join('')}`;
