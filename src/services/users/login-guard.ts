import { createHmac, randomBytes } from 'node:crypto';
import { clientNetwork } from '../../domain/client-network.ts';
import { AppError } from '../../errors.ts';

const WINDOW_MS = 15 * 60_000;
const FAILURES = 10;
const AT_ONCE = 4;
const WAITING = 64;
const REMEMBERED = 20_000;

type Failures = { count: number; endsAt: number };

/**
 * What stands before a password check, in this process. Checks are slow by design, so few run at a time and few wait.
 * Failures count for an e-mail address and client together: nobody can lock somebody else out from elsewhere.
 */
export function createLoginGuard(now = () => performance.now()) {
  // Addresses that people tried to sign in with are kept under a key that ends with the process.
  const key = randomBytes(32);
  const failures = new Map<string, Failures>();
  const waiting: (() => void)[] = [];
  let running = 0;

  const refuseTired = (name: string): void => {
    const known = failures.get(name);
    if (!known || known.count < FAILURES || known.endsAt <= now()) return;
    throw new AppError('rate_limited', 'Too many attempts to sign in have failed.', {
      retryAfterSeconds: Math.ceil((known.endsAt - now()) / 1000),
    });
  };

  /** Counts a failure before it is one: checks at the same time must not pass the limit together. */
  const count = (name: string): Failures => {
    let known = failures.get(name);
    if (!known || known.endsAt <= now()) {
      known = { count: 0, endsAt: now() + WINDOW_MS };
      // The map's order is that of their ends.
      failures.delete(name);
      failures.set(name, known);
      for (const [other, { endsAt }] of failures) {
        if (endsAt > now() && failures.size <= REMEMBERED) break;
        failures.delete(other);
      }
    }
    known.count += 1;
    return known;
  };

  const enter = async (): Promise<void> => {
    if (running < AT_ONCE) {
      running += 1;
      return;
    }
    if (waiting.length >= WAITING) {
      throw new AppError('overloaded', 'Too many people sign in at once. Try again shortly.', { retryAfterSeconds: 2 });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  /** The place goes to who waits longest, or is free. */
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  /** Runs a check that answers undefined for a failure. */
  return async <T>(who: { email: string; address: string }, check: () => Promise<T | undefined>) => {
    const email = createHmac('sha256', key).update(who.email.toLowerCase()).digest('base64');
    const name = `${email} ${clientNetwork(who.address)}`;
    refuseTired(name);
    await enter();
    try {
      refuseTired(name);
      const counted = count(name);
      let failed = false;
      try {
        const result = await check();
        failed = result === undefined;
        return result;
      } finally {
        if (!failed) counted.count -= 1;
      }
    } finally {
      leave();
    }
  };
}
