export type Spread = { count: number; p50: number; p90: number; p99: number; max: number };

/** Nearest rank: every figure is one that was measured. */
export function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** How many were overtaken, by more than `toleranceMs`, by one that had arrived after them. In order of arrival. */
export function overtaken(sentAt: readonly number[], toleranceMs: number): number {
  let earliestBehind = Infinity;
  let count = 0;
  for (const at of sentAt.toReversed()) {
    if (at - earliestBehind > toleranceMs) count += 1;
    earliestBehind = Math.min(earliestBehind, at);
  }
  return count;
}

export const round = (value: number): number => Math.round(value * 10) / 10;
