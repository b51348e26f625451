import { createHmac, randomBytes } from 'node:crypto';
import { clientNetwork } from '../../domain/client-network.ts';
import { createAttempts } from './attempts.ts';
import { inPasswordLine } from './password-line.ts';

const WINDOW_MS = 15 * 60_000;
const FAILURES = 10;

/**
 * What stands before a password check, in this process. Failures count for an e-mail address and client together:
 * nobody can lock somebody else out from elsewhere.
 */
export function createLoginGuard(now?: () => number) {
  // Addresses that people tried to sign in with are kept under a key that ends with the process.
  const key = randomBytes(32);
  const failures = createAttempts(FAILURES, WINDOW_MS, 'Too many attempts to sign in have failed.', now);

  /** Runs a check that answers undefined for a failure. */
  return async <T>(who: { email: string; address: string }, check: () => Promise<T | undefined>) => {
    const email = createHmac('sha256', key).update(who.email.toLowerCase()).digest('base64');
    const name = `${email} ${clientNetwork(who.address)}`;
    failures.refuseTired(name);
    return inPasswordLine(async () => {
      failures.refuseTired(name);
      // Before it is one: checks at the same time must not pass the limit together.
      const takeBack = failures.count(name);
      let failed = false;
      try {
        const result = await check();
        failed = result === undefined;
        return result;
      } finally {
        if (!failed) takeBack();
      }
    });
  };
}
