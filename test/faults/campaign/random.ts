import { createChances } from '../../../src/sandbox/random.ts';

export type Random = ReturnType<typeof createRandom>;

/** Every choice of a run comes from its seed, so that it can be played again. The timing of processes cannot. */
export function createRandom(seed: number) {
  const { random } = createChances(seed);
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  return {
    chance: (share: number): boolean => random() < share,
    between,
    pick: <T>(list: readonly [T, ...T[]]): T => list[between(0, list.length - 1)] ?? list[0],
  };
}
