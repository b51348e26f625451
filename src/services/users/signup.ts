import { randomUUIDv7 } from 'node:crypto';
import type { Deps } from '../../context.ts';
import { clientNetwork } from '../../domain/client-network.ts';
import { hashPassword } from '../../security/password.ts';
import { createAttempts } from './attempts.ts';
import { refuseCommon } from './new-password.ts';
import { inPasswordLine } from './password-line.ts';

/** `address` is the client's, as its connection has it. */
export type SignUp = { email: string; password: string; name: string; address: string };

const HOUR_MS = 3_600_000;
const AN_HOUR = 100;
const attempts = createAttempts(AN_HOUR, HOUR_MS, 'Too many people have signed up from here.');

/** How many may sign up from one client. */
export const signUpLimit = {
  limit: AN_HOUR,
  windowSeconds: HOUR_MS / 1000,
  left: (address: string) => attempts.left(clientNetwork(address)),
};

/**
 * Makes a user, unless there is one with this address: then nothing changes, and the answer, and the work, are the same.
 * Whoever signs in afterwards learns which it was. Only a letter to the address could keep that from them, and there is
 * nobody who sends one; the limit by client makes asking about many addresses slow.
 */
export async function signUp({ pool }: Deps, { email, password, name, address }: SignUp): Promise<void> {
  refuseCommon(password, [email, name], 'password');
  const client = clientNetwork(address);
  attempts.refuseTired(client);
  await inPasswordLine(address, async () => {
    attempts.refuseTired(client);
    const takeBack = attempts.count(client);
    try {
      const hash = await hashPassword(password);
      await pool.query('select app.create_user($1, $2, $3, $4, false)', [randomUUIDv7(), email, name, hash]);
    } catch (error) {
      takeBack();
      throw error;
    }
  });
}
