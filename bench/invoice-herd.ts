import { setTimeout as sleep } from 'node:timers/promises';
import { spending, type Spent } from './invoice-cost.ts';
import { until } from './loops.ts';
import type { sandboxControls } from './sandbox.ts';
import { spread, type Spread } from './statistics.ts';

/** What is to leave: to these phones, the first at `at`, each `spacingMs` after the one before. */
export type Herd = { phones: string[]; at: number; spacingMs: number };

export type HerdReport = {
  count: number;
  spacingMs: number;
  /** How long before the first was due everything stood ready; below 0 the figures say nothing. */
  readyMs: number;
  /** From the first that was due to the last that the sandbox took. */
  drainMs: number;
  /** Of each, from when it was due to when the sandbox took it, in milliseconds. */
  lateness: Spread;
  sentTwice: number;
  cpuMs: Spent | undefined;
};

/** Reading the ledger costs whoever is measured a little: seldom, and as often for everybody. */
const LOOK_EVERY_MS = 1_000;
/** CPU counts until the first flows have gone back to sleep or ended. */
const AFTERWARDS_MS = 2_000;

export const dueOf = ({ at, spacingMs }: Omit<Herd, 'phones'>, i: number): number => at + i * spacingMs;

/** Waits for a herd that stands ready, and asks the sandbox when each of it came. */
export async function watchHerd(
  { sandbox, pids }: { sandbox: ReturnType<typeof sandboxControls>; pids: Record<string, number> },
  herd: Herd,
): Promise<HerdReport> {
  const { phones, at, spacingMs } = herd;
  const readyMs = at - Date.now();
  await until(at - 200, Date.now);
  const { result: arrivals, spent } = await spending(pids, phones.length, async () => {
    for (;;) {
      const seen = await sandbox.arrivals();
      if (phones.every((phone) => seen.has(phone))) {
        await sleep(AFTERWARDS_MS);
        return seen;
      }
      await sleep(LOOK_EVERY_MS);
    }
  });
  const came = phones.map((phone) => arrivals.get(phone) ?? { at: Number.NaN, messages: 0 });
  return {
    count: phones.length,
    spacingMs,
    readyMs,
    drainMs: Math.max(...came.map((one) => one.at)) - at,
    lateness: spread(came.map((one, i) => one.at - dueOf(herd, i))) as Spread,
    sentTwice: came.filter(({ messages }) => messages > 1).length,
    cpuMs: spent,
  };
}
