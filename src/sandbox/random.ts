export type Random = () => number;

/** Chances from 0 to below 1, which can be made to repeat. */
export function createChances(first: number | undefined) {
  let draw: Random = first === undefined ? Math.random : fromSeed(first);
  return {
    random: (() => draw()) as Random,
    seed: (seed: number | undefined) => void (draw = seed === undefined ? Math.random : fromSeed(seed)),
  };
}

/** mulberry32: small, and even enough for delays and rates. */
function fromSeed(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
