import type { Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { passwordMatches } from '../../security/password.ts';
import { createLoginGuard } from './login-guard.ts';
import { openSession, type Session } from './sessions.ts';

/** `address` is the client's, as its connection has it. */
export type Login = { email: string; password: string; address: string };

const guarded = createLoginGuard();

/** Exchanges e-mail and password for a session. Whether the address is known cannot be told from outside. */
export async function login(deps: Deps, input: Login): Promise<Session> {
  const userId = await guarded(input, () => userOf(deps, input));
  if (userId === undefined) throw new AppError('unauthenticated', 'The e-mail address or the password is wrong.');
  return openSession(deps, userId);
}

async function userOf({ pool }: Deps, { email, password }: Login): Promise<string | undefined> {
  const { rows } = await pool.query<{ id: string; password_hash: string }>(
    'select id, password_hash from app.user_credentials($1)',
    [email],
  );
  const user = rows[0];
  return (await passwordMatches(password, user?.password_hash)) ? user?.id : undefined;
}
