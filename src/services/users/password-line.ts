import { AppError } from '../../errors.ts';

const AT_ONCE = 4;
const WAITING = 64;

const waiting: (() => void)[] = [];
let running = 0;

/**
 * Runs work that hashes a password. Hashing is slow by design, so in a process few such works run at a time and few
 * wait, whether they sign in or sign up.
 */
export async function inPasswordLine<T>(work: () => Promise<T>): Promise<T> {
  await enter();
  try {
    return await work();
  } finally {
    leave();
  }
}

async function enter(): Promise<void> {
  if (running < AT_ONCE) {
    running += 1;
    return;
  }
  if (waiting.length >= WAITING) {
    throw new AppError('overloaded', 'Too many people sign in at once. Try again shortly.', { retryAfterSeconds: 2 });
  }
  await new Promise<void>((resolve) => waiting.push(resolve));
}

/** The place goes to who waits longest, or is free. */
function leave(): void {
  const next = waiting.shift();
  if (next) next();
  else running -= 1;
}
