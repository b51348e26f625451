import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `shoot` at fixed spacing, whatever became of the calls before. `intended` is when the call was due: latencies
 * count from there, so that a system (or this loop) that stalls cannot hide the wait of those behind.
 */
export async function openLoop(
  { count, rate, now }: { count: number; rate: number; now: () => number },
  shoot: (index: number, intended: number) => void,
): Promise<void> {
  const start = now() + 20;
  for (let index = 0; index < count; index += 1) {
    const intended = start + (index * 1000) / rate;
    await until(intended, now);
    shoot(index, intended);
  }
}

export async function until(instant: number, now: () => number): Promise<void> {
  // A timer may fire a fraction early: the clock decides.
  for (let left = instant - now(); left > 0; left = instant - now()) await sleep(left);
}
