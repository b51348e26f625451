import type { Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { ACCESS_TOKEN_SECONDS } from '../../security/access-token.ts';
import { passwordMatches } from '../../security/password.ts';

export type Session = { accessToken: string; expiresInSeconds: number };

/** Exchanges e-mail and password for an access token. Whether the address is known cannot be told from outside. */
export async function login(deps: Deps, input: { email: string; password: string }): Promise<Session> {
  const { rows } = await deps.pool.query<{ id: string; password_hash: string }>(
    'select id, password_hash from app.user_credentials($1)',
    [input.email],
  );
  const user = rows[0];
  const matches = await passwordMatches(input.password, user?.password_hash);
  if (!user || !matches) throw new AppError('unauthenticated', 'The e-mail address or the password is wrong.');
  return { accessToken: await deps.accessTokens.issue(user.id), expiresInSeconds: ACCESS_TOKEN_SECONDS };
}
