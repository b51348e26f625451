import type { Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { ACCESS_TOKEN_SECONDS } from '../../security/access-token.ts';
import { passwordMatches } from '../../security/password.ts';
import { createLoginGuard } from './login-guard.ts';

/** `address` is the client's, as its connection has it. */
export type Login = { email: string; password: string; address: string };
export type Session = { accessToken: string; expiresInSeconds: number };

const guarded = createLoginGuard();

/** Exchanges e-mail and password for an access token. Whether the address is known cannot be told from outside. */
export async function login(deps: Deps, input: Login): Promise<Session> {
  const userId = await guarded(input, () => userOf(deps, input));
  if (userId === undefined) throw new AppError('unauthenticated', 'The e-mail address or the password is wrong.');
  return { accessToken: await deps.accessTokens.issue(userId), expiresInSeconds: ACCESS_TOKEN_SECONDS };
}

async function userOf({ pool }: Deps, { email, password }: Login): Promise<string | undefined> {
  const { rows } = await pool.query<{ id: string; password_hash: string }>(
    'select id, password_hash from app.user_credentials($1)',
    [email],
  );
  const user = rows[0];
  return (await passwordMatches(password, user?.password_hash)) ? user?.id : undefined;
}
