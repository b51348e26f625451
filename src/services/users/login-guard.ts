import { createHmac, randomBytes } from 'node:crypto';
import { clientNetwork } from '../../domain/client-network.ts';
import { createAttempts } from './attempts.ts';
import { inPasswordLine } from './password-line.ts';

type Client = { email: string; address: string };

const WINDOW_MS = 15 * 60_000;
export const FAILURES = 10;
export const WINDOW_SECONDS = WINDOW_MS / 1000;

/**
 * What stands before a password check, in this process. Failures count for an e-mail address and client together:
 * nobody can lock somebody else out from elsewhere.
 */
export function createLoginGuard(now?: () => number) {
  // Addresses that people tried to sign in with are kept under a key that ends with the process.
  const key = randomBytes(32);
  const failures = createAttempts(FAILURES, WINDOW_MS, 'Too many attempts to sign in have failed.', now);

  const nameOf = ({ email, address }: Client): string =>
    `${createHmac('sha256', key).update(email.toLowerCase()).digest('base64')} ${clientNetwork(address)}`;

  /** Runs a check that answers undefined for a failure. */
  const guard = async <T>(who: Client, check: () => Promise<T | undefined>) => {
    const name = nameOf(who);
    failures.refuseTired(name);
    return inPasswordLine(who.address, async () => {
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
  return Object.assign(guard, { left: (who: Client) => failures.left(nameOf(who)) });
}

/** The one of this process: a password counts the same wherever somebody is asked for it. */
export const guarded = createLoginGuard();
