/**
 * Milliseconds since the epoch with their fractions, in step with `Date.now()`, which is what the sandbox's ledger
 * writes down. Set again before each phase: the two clocks drift apart where the system's is being corrected.
 */
export function epochClock(): () => number {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  const offset = now - performance.now();
  return () => performance.now() + offset;
}
