import type { Actor, Deps } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { newResetToken } from './reset-token.ts';
import { entryIds } from './sessions.ts';

/** So long a token is good, by Postgres' clock. */
const LIFE = '1 hour';

export type OfferedReset = { userId: string; token: string; expiresAt: Date };

/**
 * Makes a token by which a user who has forgotten their password chooses another, once. It is in this answer and nowhere
 * else, and the one before it ends. Until it is used nothing changes for the user.
 */
export async function offerReset(
  { pool }: Pick<Deps, 'pool'>,
  { email, actor, requestId }: { email: string; actor: Actor; requestId?: string },
): Promise<OfferedReset> {
  const token = newResetToken();
  const { rows } = await pool.query<{ user_id: string; expires_ms: number }>(
    'select user_id, expires_ms from app.offer_password_reset($1, $2, $3, $4, $5, $6, $7)',
    [email, token.hash, LIFE, actor.type, actor.id, entryIds(), requestId ?? null],
  );
  const [offered] = rows;
  if (!offered) throw notFound('user');
  return { userId: offered.user_id, token: token.text, expiresAt: new Date(offered.expires_ms) };
}
