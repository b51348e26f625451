import type { Deps } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { hashPassword } from '../../security/password.ts';
import { refuseCommon } from './new-password.ts';
import { inPasswordLine } from './password-line.ts';
import { hashOfReset } from './reset-token.ts';
import { entryIds } from './sessions.ts';

/** `address` is the client's, as its connection has it. */
export type ResetPassword = { token: string; newPassword: string; address: string; requestId: string };

/**
 * Gives a user another password by the token that they were given, once, and ends all their sessions. One that is refused
 * as too common leaves the token as it is.
 */
export async function resetPassword(
  { pool }: Deps,
  { token, newPassword, address, requestId }: ResetPassword,
): Promise<void> {
  const hash = hashOfReset(token);
  if (!hash) throw notFound('password reset');
  const { rows } = await pool.query<{ email: string; name: string }>('select * from app.find_password_reset($1)', [
    hash,
  ]);
  const [user] = rows;
  // Before the hashing: whoever has no token must not be able to keep us busy.
  if (!user) throw notFound('password reset');
  refuseCommon(newPassword, [user.email, user.name], 'new_password');
  const newHash = await inPasswordLine(address, () => hashPassword(newPassword));
  const used = await pool.query<{ used: boolean }>('select app.use_password_reset($1, $2, $3, $4) as used', [
    hash,
    newHash,
    entryIds(),
    requestId,
  ]);
  if (!used.rows[0]?.used) throw notFound('password reset');
}
