import type { Deps } from '../../context.ts';
import { AppError, invalidField } from '../../errors.ts';
import { hashPassword, passwordMatches } from '../../security/password.ts';
import { guarded } from './login-guard.ts';
import { refuseCommon } from './new-password.ts';
import { changeWithSession, type Session } from './sessions.ts';

/** `address` is the client's, as its connection has it. */
export type ChangePassword = {
  userId: string;
  currentPassword: string;
  newPassword: string;
  address: string;
  requestId: string;
};

type Credentials = { email: string; name: string; password_hash: string };

/**
 * Changes the password of a signed-in user who shows the one they have: an access token alone is not enough to take an
 * account over. Wrong ones count as failed sign-ins do. All sessions end, and the answer is a new one.
 */
export async function changePassword(deps: Deps, input: ChangePassword): Promise<Session> {
  const { userId, currentPassword, newPassword, address, requestId } = input;
  const { rows } = await deps.pool.query<Credentials>('select * from app.credentials_of($1)', [userId]);
  const [user] = rows;
  if (!user) throw new AppError('unauthenticated', 'The access token is not valid or has expired.');
  refuseCommon(newPassword, [user.email, user.name], 'new_password');
  if (newPassword.normalize('NFKC') === currentPassword.normalize('NFKC')) {
    throw invalidField('new_password', 'is the one that you have');
  }
  const newHash = await guarded({ email: user.email, address }, async () =>
    (await passwordMatches(currentPassword, user.password_hash)) ? hashPassword(newPassword) : undefined,
  );
  const proven = { userId, passwordHash: user.password_hash };
  const session = newHash && (await changeWithSession(deps, proven, { newHash, requestId }));
  if (!session) throw invalidField('current_password', 'is not your password');
  return session;
}
