import { setTimeout as sleep } from 'node:timers/promises';

type Shoot = (index: number, intended: number) => Promise<unknown>;

/**
 * Calls `shoot` at fixed spacing, whatever became of the calls before. `intended` is when the call was due: latencies
 * count from there, so that a system (or this loop) that stalls cannot hide the wait of those behind.
 */
export async function openLoop(
  { count, start, spacingMs, now }: { count: number; start: number; spacingMs: number; now: () => number },
  shoot: (index: number, intended: number) => unknown,
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const intended = start + index * spacingMs;
    await until(intended, now);
    shoot(index, intended);
  }
}

/** So many people, each of whom begins anew as soon as the last one has ended, until `end`. */
export async function closedLoop(
  { users, start, end, now }: { users: number; start: number; end: number; now: () => number },
  shoot: Shoot,
): Promise<void> {
  let next = 0;
  const person = async () => {
    for (await until(start, now); now() < end;) await shoot(next++, now());
  };
  await Promise.all(Array.from({ length: users }, person));
}

export async function until(instant: number, now: () => number): Promise<void> {
  // A timer may fire a fraction early: the clock decides.
  for (let left = instant - now(); left > 0; left = instant - now()) await sleep(left);
}

/** Does a thing `count` times, so many at once. */
export async function inParallel(count: number, atOnce: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
