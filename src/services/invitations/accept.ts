import { randomUUIDv7 } from 'node:crypto';
import { LockMode } from '@mikro-orm/core';
import { joined, unitOfWork, type Deps, type Within } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Role } from '../../domain/access.ts';
import { Invitation } from '../../entities/invitation.ts';
import { Membership } from '../../entities/membership.ts';
import { AppError, notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { lockMembers } from '../members/acting-role.ts';
import { scopeOf } from '../scope.ts';
import { hashOf } from './token.ts';

/** `within`: a transaction that is of no tenant yet. */
export type AcceptInvitation = { userId: string; token: string; requestId: string; within?: Within | undefined };
export type Accepted = { tenantId: number; role: Role };

/**
 * Makes a user a member by an invitation's token; whose address it was sent to does not matter. It counts once. The one
 * who has accepted it may say so again, as long as they are a member.
 */
export async function acceptInvitation(
  deps: Deps,
  { userId, token, requestId, within }: AcceptInvitation,
): Promise<Accepted> {
  const found = await find(deps, token);
  if (!found) throw notFound('invitation');
  const scope = await joined(scopeOf(deps, found.tenant_id, { type: 'user', id: userId }, requestId), within);
  return unitOfWork(scope, async (ctx) => {
    await lockMembers(ctx);
    const invitation = await ctx.em.findOne(Invitation, { id: found.id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    const member = await ctx.em.findOne(Membership, { userId });
    if (invitation?.acceptedBy === userId && member) return { tenantId: found.tenant_id, role: member.role };
    const now = await databaseNow(ctx.em);
    if (!invitation || invitation.acceptedAt || invitation.revokedAt || invitation.expiresAt <= now) {
      throw notFound('invitation');
    }
    if (member) throw new AppError('already_member', 'You are a member of this tenant already.');
    Object.assign(invitation, { acceptedAt: now, acceptedBy: userId });
    ctx.em.create(Membership, { id: randomUUIDv7(), userId, role: invitation.role });
    audit(ctx, 'invitation.accept', { type: 'invitation', id: invitation.id }, ['accepted_at']);
    return { tenantId: found.tenant_id, role: invitation.role };
  });
}

async function find({ pool }: Deps, token: string): Promise<{ tenant_id: number; id: string } | undefined> {
  const hash = hashOf(token);
  if (!hash) return undefined;
  const { rows } = await pool.query<{ tenant_id: number; id: string }>(
    'select tenant_id, id from app.find_invitation($1)',
    [hash],
  );
  return rows[0];
}
