import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuBetween, readCpu, type CpuReading } from './cpu.ts';
import { DRAIN_MS, playPhase, shotsOf, type Plan, type Shot } from './phase.ts';
import { sandboxControls } from './sandbox.ts';
import type { Stack } from './stack.ts';
import { overtaken, round, spread, type Spread } from './statistics.ts';

export type Side = 'product' | 'bare';

export type PhaseReport = {
  side: Side;
  rate: number;
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
  latency: Partial<Record<'lag' | 'accepted' | 'sent' | 'verify', Spread>>;
  cpuMsPerOtp: CpuReading | undefined;
  /** Cores that programs other than ours were using meanwhile: how far the figures can be trusted. */
  foreignCores: number | undefined;
  loadBefore: number;
};

/** Plays one phase and asks the sandbox what came of it. */
export async function measure(stack: Stack, side: Side, plan: Plan): Promise<PhaseReport> {
  const sandbox = sandboxControls(stack.sandboxUrl);
  await sandbox.prepare({ statuses: side === 'product' });
  // What the phase before left running ends here.
  await sleep(1_500);
  const loadBefore = round(loadavg()[0] ?? 0);
  const before = readCpu(stack.pids);
  const started = performance.now();
  const shots = await playPhase(stack.players[side], plan);
  const accepted = shots.filter(({ status }) => status === 202);
  let arrivals = await sandbox.arrivals();
  const giveUpAt = performance.now() + (side === 'bare' ? DRAIN_MS : 0);
  while (performance.now() < giveUpAt && accepted.some(({ phone }) => !arrivals.has(phone))) {
    await sleep(500);
    arrivals = await sandbox.arrivals();
  }
  const cpu = cpuBetween(before, readCpu(stack.pids));
  const elapsed = performance.now() - started;

  const sent = accepted.flatMap((shot) => {
    const arrival = arrivals.get(shot.phone);
    return arrival ? [{ ...shot, at: arrival.at, messages: arrival.messages }] : [];
  });
  const last = shots.at(-1)?.intended ?? 0;
  return {
    side,
    rate: plan.rate,
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
    latency: spreads({
      lag: shots.map(({ lag }) => lag),
      accepted: accepted.map((shot) => shot.accepted),
      sent: sent.map(({ at, intended }) => at - intended),
      verify: accepted.flatMap(({ verify }) => verify ?? []),
    }),
    ...shares(cpu, accepted.length * (shotsOf(plan).count / shots.length), elapsed),
    loadBefore,
  };
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

function spreads(series: Record<'lag' | 'accepted' | 'sent' | 'verify', number[]>): PhaseReport['latency'] {
  return Object.fromEntries(
    Object.entries(series).flatMap(([name, values]) => {
      const result = spread(values);
      return result ? [[name, result]] : [];
    }),
  );
}

/** Warm-up passcodes are not measured, but they cost the same. */
function shares(cpu: CpuReading | undefined, passcodes: number, elapsedMs: number) {
  if (!cpu || passcodes === 0) return { cpuMsPerOtp: undefined, foreignCores: undefined };
  const { machine = 0, ...ours } = cpu;
  const own = Object.values(ours).reduce((sum, ms) => sum + ms, 0);
  return {
    cpuMsPerOtp: Object.fromEntries(Object.entries(ours).map(([name, ms]) => [name, round(ms / passcodes)])),
    foreignCores: Math.max(0, Math.round(((machine - own) / elapsedMs) * 100) / 100),
  };
}
