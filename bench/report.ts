import type { Machine } from './machine.ts';
import type { PhaseReport, Side } from './measure.ts';

/** The product's median time to "sent" over the bare client's, by rate; phases of one rate are averaged. */
export function ratios(phases: PhaseReport[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const rate of new Set(phases.map((phase) => phase.rate))) {
    const [product, bare] = [meanMedian(phases, 'product', rate), meanMedian(phases, 'bare', rate)];
    if (product !== undefined && bare !== undefined) result[`${rate}/s`] = Math.round((product / bare) * 100) / 100;
  }
  return result;
}

function meanMedian(phases: PhaseReport[], side: Side, rate: number): number | undefined {
  const medians = phases.flatMap((p) => (p.side === side && p.rate === rate ? (p.latency.sent?.p50 ?? []) : []));
  return medians.length > 0 ? medians.reduce((sum, value) => sum + value, 0) / medians.length : undefined;
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
    outcome('', 'offered', 'accepted', '503', 'other', 'unsent', 'twice', 'unverified', 'overtaken', 'drain s'),
    ...phases.map(outcomeLine),
    '',
    'CPU in ms for each passcode ("foreign" is cores used by other programs meanwhile).',
    ...cpuLines(phases),
    '',
    ...Object.entries(ratios(phases)).map(([rate, ratio]) => `sent p50, product / bare at ${rate}: ${ratio}`),
  ].join('\n');
}

const title = ({ side, rate }: PhaseReport) => `${side} ${rate}/s`;

function latencyLines(phase: PhaseReport): string[] {
  return Object.entries(phase.latency).map(([what, { count, p50, p90, p99, max }], index) =>
    line(index === 0 ? title(phase) : '', what, count, p50, p90, p99, max),
  );
}

const outcomeLine = (p: PhaseReport) =>
  outcome(
    title(p),
    p.offered,
    p.accepted,
    p.refusedWithoutRetryAfter > 0 ? `${p.refused503} (${p.refusedWithoutRetryAfter} w/o RA)` : p.refused503,
    JSON.stringify(p.otherAnswers) === '{}' ? 0 : JSON.stringify(p.otherAnswers),
    p.unsent,
    p.sentTwice,
    p.unverified,
    p.overtaken,
    (p.drainMs / 1000).toFixed(1),
  );

function cpuLines(phases: PhaseReport[]): string[] {
  const names = Object.keys(phases[0]?.cpuMsPerOtp ?? {});
  if (names.length === 0) return ['not known on this system'];
  return [
    outcome('', ...names, 'foreign'),
    ...phases.map((p) =>
      outcome(title(p), ...names.map((name) => p.cpuMsPerOtp?.[name]?.toFixed(1) ?? ''), p.foreignCores ?? ''),
    ),
  ];
}

const line = (name: string, what: string, ...figures: (string | number)[]) =>
  `  ${name.padEnd(16)}${what.padEnd(10)}${figures.map((figure) => String(figure).padStart(9)).join('')}`;

const outcome = (name: string, ...figures: (string | number)[]) =>
  `  ${name.padEnd(16)}${figures.map((figure) => String(figure).padStart(11)).join('')}`;
