import { randomInt } from 'node:crypto';

/** Ever new phones: the sandbox remembers those of the scenarios before. */
export function createPhones(): () => string {
  let last = randomInt(10_000_000, 50_000_000);
  return () => `+4915${(last += 1)}`;
}
