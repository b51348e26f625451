import type { ContenderName } from './contenders.ts';
import type { CpuReading } from './cpu.ts';
import { latencyOf, type Latency, type PhaseReport, type Samples } from './measure.ts';
import { titleOf, type Load } from './phase.ts';
import { round } from './statistics.ts';

/** A contender under one load, all its rounds together. */
export type LoadReport = {
  contender: ContenderName;
  load: Load;
  /** Of every passcode of every round. */
  latency: Latency;
  /** The median of each round by itself: how far the figures can be made again. */
  sentP50s: number[];
  offered: number;
  refused503: number;
  otherAnswers: number;
  unsent: number;
  sentTwice: number;
  unverified: number;
  sentPerSecond: number;
  flowsPerSecond: number;
  cpuMsPerOtp: CpuReading | undefined;
  cpuMsPerOtpTotal: number | undefined;
};

type Round = { report: PhaseReport; samples: Samples };

/** Rounds are as long as each other: what they say for a second, or for a passcode, is averaged, and counts are summed. */
export function loadsOf(rounds: Round[]): LoadReport[] {
  const groups = Map.groupBy(rounds, ({ report }) => `${titleOf(report.load)} ${report.contender}`);
  return [...groups.values()].flatMap((of) => {
    const [first] = of;
    return first ? [together(first.report, of)] : [];
  });
}

function together({ contender, load }: PhaseReport, rounds: Round[]): LoadReport {
  const phases = rounds.map(({ report }) => report);
  const sum = (figure: (phase: PhaseReport) => number) => phases.reduce((total, phase) => total + figure(phase), 0);
  const mean = (figure: (phase: PhaseReport) => number) => round(sum(figure) / phases.length);
  const all = (what: keyof Samples) => rounds.flatMap(({ samples }) => samples[what]);
  const hasCpu = phases.every(({ cpuMsPerOtp }) => cpuMsPerOtp);
  const processes = Object.keys(phases[0]?.cpuMsPerOtp ?? {});
  return {
    contender,
    load,
    latency: latencyOf({
      lag: all('lag'),
      accepted: all('accepted'),
      sent: all('sent'),
      verify: all('verify'),
    }),
    sentP50s: phases.flatMap(({ latency }) => latency.sent?.p50 ?? []),
    offered: sum(({ offered }) => offered),
    refused503: sum(({ refused503 }) => refused503),
    otherAnswers: sum(({ otherAnswers }) => Object.values(otherAnswers).reduce((total, count) => total + count, 0)),
    unsent: sum(({ unsent }) => unsent),
    sentTwice: sum(({ sentTwice }) => sentTwice),
    unverified: sum(({ unverified }) => unverified),
    sentPerSecond: mean(({ sentPerSecond }) => sentPerSecond),
    flowsPerSecond: mean(({ flowsPerSecond }) => flowsPerSecond),
    cpuMsPerOtp: hasCpu
      ? Object.fromEntries(processes.map((name) => [name, mean(({ cpuMsPerOtp }) => cpuMsPerOtp?.[name] ?? 0)]))
      : undefined,
    cpuMsPerOtpTotal: hasCpu ? mean(({ cpuMsPerOtpTotal }) => cpuMsPerOtpTotal ?? NaN) : undefined,
  };
}

/** What a contender did under a load, by the load's title. */
export const loadOf = (loads: LoadReport[], contender: ContenderName, title: string): LoadReport | undefined =>
  loads.find((one) => one.contender === contender && titleOf(one.load) === title);
