import { randomUUIDv7 } from 'node:crypto';
import { unitOfWork, type Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { ACCESS_TOKEN_SECONDS } from '../../security/access-token.ts';
import { audit } from '../audit.ts';
import { scopeOf } from '../scope.ts';
import { membershipsOf } from './standing.ts';

export type Session = { accessToken: string; expiresInSeconds: number; refreshToken: string };

/** A session ends when it is not used for so long, and at the latest so long after the sign-in. */
const IDLE = '30 days';
const AT_MOST = '90 days';
/** An answer may be lost: so long the same token is exchanged for the same successor again. */
const GRACE = '10 seconds';
/** In how many of a user's tenants it is written down what becomes of their password and sessions. */
const TOLD = 100;

/** Who has just shown their password, and which: what is stored of it. */
export type Proven = { userId: string; passwordHash: string };

/** Begins a session of somebody who has just proven who they are; none if the password was changed meanwhile. */
export async function openSession(deps: Deps, { userId, passwordHash }: Proven): Promise<Session | undefined> {
  const token = deps.refreshTokens.first();
  const { rows } = await deps.pool.query<{ opened: boolean }>('select app.open_session($1, $2, $3, $4, $5) as opened', [
    randomUUIDv7(),
    userId,
    passwordHash,
    token.hash,
    IDLE,
  ]);
  return rows[0]?.opened ? sessionOf(deps, userId, token.text) : undefined;
}

/** Gives somebody another password, ends all their sessions and begins a new one; nothing if it is changed already. */
export async function changeWithSession(
  deps: Deps,
  { userId, passwordHash }: Proven,
  { newHash, requestId }: { newHash: string; requestId: string },
): Promise<Session | undefined> {
  const token = deps.refreshTokens.first();
  const { rows } = await deps.pool.query<{ changed: boolean }>(
    'select app.change_password($1, $2, $3, $4, $5, $6, $7, $8) as changed',
    [userId, passwordHash, newHash, randomUUIDv7(), token.hash, IDLE, entryIds(), requestId],
  );
  return rows[0]?.changed ? sessionOf(deps, userId, token.text) : undefined;
}

/** For what is written down of a user: an entry for each of their tenants. */
export const entryIds = (): string[] => Array.from({ length: TOLD }, () => randomUUIDv7());

/**
 * Exchanges a refresh token, once. One that comes again after the grace is in two hands: the whole session ends then,
 * for the thief as for the owner, who signs in again.
 */
export async function refreshSession(deps: Deps, text: string, requestId: string): Promise<Session> {
  const token = deps.refreshTokens.read(text);
  if (!token) throw refused();
  const successor = deps.refreshTokens.successorOf(token);
  const { rows } = await deps.pool.query<{ verdict: string; user_id: string; family_id: string }>(
    'select verdict, user_id, family_id from app.rotate_refresh_token($1, $2, $3, $4, $5)',
    [token.hash, successor.hash, GRACE, IDLE, AT_MOST],
  );
  const [row] = rows;
  if (row?.verdict === 'reused') await noteReuse(deps, row.user_id, row.family_id, requestId);
  if (row?.verdict !== 'fresh' && row?.verdict !== 'again') throw refused();
  return sessionOf(deps, row.user_id, successor.text);
}

/** Ends the session that a refresh token belongs to, whichever of its tokens that is. */
export async function endSession({ pool, refreshTokens }: Deps, text: string): Promise<void> {
  const token = refreshTokens.read(text);
  if (token) await pool.query('select app.end_refresh_family($1)', [token.hash]);
}

const refused = () => new AppError('unauthenticated', 'The refresh token is not valid. Sign in again.');

async function sessionOf({ accessTokens }: Deps, userId: string, refreshToken: string): Promise<Session> {
  return { accessToken: await accessTokens.issue(userId), expiresInSeconds: ACCESS_TOKEN_SECONDS, refreshToken };
}

/** A user is of no tenant, so each of theirs is told; the session has ended before. */
async function noteReuse(deps: Deps, userId: string, familyId: string, requestId: string): Promise<void> {
  deps.log.warn({ user_id: userId, family_id: familyId, request_id: requestId }, 'a refresh token was used twice');
  const tenants = [...(await membershipsOf(deps, userId)).keys()].slice(0, TOLD);
  for (const tenantId of tenants) {
    const scope = scopeOf(deps, tenantId, { type: 'system', id: 'sessions' }, requestId);
    await unitOfWork(scope, async (ctx) => audit(ctx, 'session.reuse', { type: 'user', id: userId }, ['ended_at']));
  }
}
