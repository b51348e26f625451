import { loadOf, type LoadReport } from './loads.ts';
import type { Machine } from './machine.ts';
import type { PhaseReport } from './measure.ts';
import { titleOf } from './phase.ts';

/** By load and contender: its figure over the bare client's, all rounds together. */
export type Ratios = Record<string, Record<string, { sentP50?: number; flowsPerSecond?: number; cpuPerOtp?: number }>>;

export function ratios(loads: LoadReport[]): Ratios {
  const result: Ratios = {};
  for (const one of loads) {
    const title = titleOf(one.load);
    const bare = loadOf(loads, 'bare', title);
    if (one.contender === 'bare' || !bare) continue;
    const over = (figure: (load: LoadReport) => number | undefined) => {
      const [own, its] = [figure(one), figure(bare)];
      return own === undefined || its === undefined ? undefined : Math.round((own / its) * 100) / 100;
    };
    const [sentP50, cpuPerOtp] = [over((load) => load.latency.sent?.p50), over((load) => load.cpuMsPerOtpTotal)];
    const flowsPerSecond = over((load) => load.flowsPerSecond);
    if (sentP50 === undefined || flowsPerSecond === undefined) continue;
    result[title] ??= {};
    result[title][one.contender] = { sentP50, flowsPerSecond, ...(cpuPerOtp === undefined ? {} : { cpuPerOtp }) };
  }
  return result;
}

/** The whole run in plain text. */
export function table(machine: Machine, phases: PhaseReport[], loads: LoadReport[]): string {
  return [
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, ${machine.platform}`,
    `Node ${machine.node}, Postgres ${machine.postgres}, ${machine.temporal}; commit ${machine.commit}`,
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
    ...Object.entries(ratios(loads)).flatMap(([load, by]) =>
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
