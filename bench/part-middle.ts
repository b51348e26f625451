/** One passcode, or one verification: its steps in their order, which add up to the whole, in milliseconds. */
export type Steps = Record<string, number>;
export type Middle = {
  count: number;
  /** The mean of each step, and their sum. */
  steps: Steps;
  sum: number;
};

/**
 * The mean of the fifth in the middle. Medians of steps would not add up to the median of the whole; these do, nearly,
 * and the few that had to wait long for something are in neither.
 */
export function middleOf(all: Steps[]): Middle | undefined {
  const total = (steps: Steps) => Object.values(steps).reduce((sum, ms) => sum + ms, 0);
  const sorted = all.filter((steps) => Number.isFinite(total(steps))).toSorted((a, b) => total(a) - total(b));
  const middle = sorted.slice(Math.floor(sorted.length * 0.4), Math.ceil(sorted.length * 0.6));
  const [first] = middle;
  if (!first) return undefined;
  const mean = (of: (steps: Steps) => number) =>
    hundredths(middle.reduce((sum, one) => sum + of(one), 0) / middle.length);
  return {
    count: middle.length,
    steps: Object.fromEntries(Object.keys(first).map((step) => [step, mean((one) => one[step] ?? NaN)])),
    sum: mean(total),
  };
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;
