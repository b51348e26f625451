import type { Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { passwordMatches } from '../../security/password.ts';
import { FAILURES, guarded, WINDOW_SECONDS } from './login-guard.ts';
import { openSession, type Proven, type Session } from './sessions.ts';

/** `address` is the client's, as its connection has it. */
export type Login = { email: string; password: string; address: string };

/** How often signing in may fail, for one e-mail address and client. */
export const loginLimit = { limit: FAILURES, windowSeconds: WINDOW_SECONDS, left: guarded.left };

/** Exchanges e-mail and password for a session. Whether the address is known cannot be told from outside. */
export async function login(deps: Deps, input: Login): Promise<Session> {
  const user = await guarded(input, () => userOf(deps, input));
  const session = user && (await openSession(deps, user));
  if (!session) throw new AppError('unauthenticated', 'The e-mail address or the password is wrong.');
  return session;
}

async function userOf({ pool }: Deps, { email, password }: Login): Promise<Proven | undefined> {
  const { rows } = await pool.query<{ id: string; password_hash: string }>(
    'select id, password_hash from app.user_credentials($1)',
    [email],
  );
  const user = rows[0];
  if (!(await passwordMatches(password, user?.password_hash)) || !user) return undefined;
  return { userId: user.id, passwordHash: user.password_hash };
}
