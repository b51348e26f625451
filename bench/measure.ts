import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { contenders, type ContenderName } from './contenders.ts';
import { cpuBetween, readCpu, type CpuReading } from './cpu.ts';
import { playPhase, type Load, type Plan, type Shot } from './phase.ts';
import { sandboxControls } from './sandbox.ts';
import type { Stack } from './stack.ts';
import { overtaken, round, spread, type Spread } from './statistics.ts';

export type Samples = Record<'lag' | 'accepted' | 'sent' | 'verify', number[]>;
export type Latency = Partial<Record<keyof Samples, Spread>>;

export type PhaseReport = {
  contender: ContenderName;
  load: Load;
  seconds: number;
  offered: number;
  accepted: number;
  refused503: number;
  refusedWithoutRetryAfter: number;
  otherAnswers: Record<string, number>;
  unsent: number;
  sentTwice: number;
  unverified: number;
  /** Overtaken by more than a second by one that arrived later. */
  overtaken: number;
  /** From the last arrival until the last accepted one was sent. */
  drainMs: number;
  /** Messages that left, and codes that were verified, in the part that is counted, for each of its seconds. */
  sentPerSecond: number;
  flowsPerSecond: number;
  latency: Latency;
  cpuMsPerOtp: CpuReading | undefined;
  /** All of the contender's processes, with the one that generates the load. */
  cpuMsPerOtpTotal: number | undefined;
  /** Cores that programs other than ours were using meanwhile: how far the figures can be trusted. */
  foreignCores: number | undefined;
  loadBefore: number;
};

/** Plays one phase and asks the sandbox what came of it. Answers beside the report every latency that it sums up. */
export async function measure(
  stack: Stack,
  contender: ContenderName,
  plan: Plan,
): Promise<{ report: PhaseReport; samples: Samples }> {
  const { statuses, player } = contenders[contender];
  const sandbox = sandboxControls(stack.sandboxUrl);
  await sandbox.prepare({ statuses });
  // What the phase before left running ends here.
  await sleep(1_500);
  const loadBefore = round(loadavg()[0] ?? 0);
  const before = readCpu(stack.pids);
  const started = performance.now();
  const { shots: all, from, to } = await playPhase(stack.players[player] ?? '', plan);
  // The last signals are on their way still, and statuses are told.
  await sleep(1_000);
  const cpu = cpuBetween(before, readCpu(stack.pids));
  const elapsed = performance.now() - started;
  const arrivals = await sandbox.arrivals();

  const shots = all.filter(({ counted }) => counted);
  const accepted = shots.filter(({ status }) => status === 202);
  const sent = accepted.flatMap((shot) => {
    const arrival = arrivals.get(shot.phone);
    return arrival ? [{ ...shot, at: arrival.at, messages: arrival.messages }] : [];
  });
  const last = shots.at(-1)?.intended ?? 0;
  const perSecond = (instants: number[]) =>
    round((instants.filter((at) => at >= from && at < to).length * 1_000) / (to - from));
  const samples: Samples = {
    lag: shots.map(({ lag }) => lag),
    accepted: accepted.map((shot) => shot.accepted),
    sent: sent.map(({ at, intended }) => at - intended),
    verify: accepted.flatMap(({ verify }) => verify ?? []),
  };
  const report: PhaseReport = {
    contender,
    load: plan.load,
    seconds: plan.seconds,
    offered: shots.length,
    accepted: accepted.length,
    ...refusals(shots),
    unsent: accepted.length - sent.length,
    sentTwice: sent.filter(({ messages }) => messages > 1).length,
    unverified: accepted.filter(({ verified }) => !verified).length,
    overtaken: overtaken(
      sent.map(({ at }) => at),
      1_000,
    ),
    drainMs: round(Math.max(0, ...sent.map(({ at }) => at - last))),
    sentPerSecond: perSecond([...arrivals.values()].map(({ at }) => at)),
    flowsPerSecond: perSecond(all.flatMap(({ verified, endedAt }) => (verified && endedAt ? [endedAt] : []))),
    latency: latencyOf(samples),
    // Those of the warm-up cost the same.
    ...shares(cpu, contender, all.filter(({ status }) => status === 202).length, elapsed),
    loadBefore,
  };
  return { report, samples };
}

function refusals(shots: Shot[]) {
  const refused = shots.filter(({ status }) => status === 503);
  const others = Object.groupBy(
    shots.filter(({ status }) => status !== 202 && status !== 503),
    ({ status }) => String(status),
  );
  return {
    refused503: refused.length,
    refusedWithoutRetryAfter: refused.filter(({ retryAfter }) => !retryAfter).length,
    otherAnswers: Object.fromEntries(Object.entries(others).map(([status, list]) => [status, list?.length ?? 0])),
  };
}

export function latencyOf(samples: Samples): Latency {
  return Object.fromEntries(
    Object.entries(samples).flatMap(([name, values]) => {
      const result = spread(values);
      return result ? [[name, result]] : [];
    }),
  );
}

function shares(cpu: CpuReading | undefined, contender: ContenderName, passcodes: number, elapsedMs: number) {
  if (!cpu || passcodes === 0) {
    return { cpuMsPerOtp: undefined, cpuMsPerOtpTotal: undefined, foreignCores: undefined };
  }
  const { machine = 0, ...ours } = cpu;
  const sum = (names: readonly string[]) => names.reduce((total, name) => total + (ours[name] ?? 0), 0);
  return {
    cpuMsPerOtp: Object.fromEntries(Object.entries(ours).map(([name, ms]) => [name, round(ms / passcodes)])),
    cpuMsPerOtpTotal: round(sum(contenders[contender].parts) / passcodes),
    foreignCores: Math.max(0, Math.round(((machine - sum(Object.keys(ours))) / elapsedMs) * 100) / 100),
  };
}
