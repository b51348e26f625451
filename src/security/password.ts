import { hash, verify } from '@node-rs/argon2';

// The library's algorithm is argon2id. OWASP's second recommended setting for it: 19 MiB, 2 passes, 1 lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The same letters can be typed as different characters: NFKC makes them one. */
export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFKC'), cost);

let decoy: Promise<string> | undefined;

/** Checks a password. Without a hash (no such user) the same work is done, so that time tells nothing. */
export async function passwordMatches(password: string, passwordHash: string | undefined): Promise<boolean> {
  decoy ??= hashPassword('a user who does not exist');
  const matches = await verify(passwordHash ?? (await decoy), password.normalize('NFKC'));
  return matches && passwordHash !== undefined;
}
