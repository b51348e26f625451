import { randomUUIDv7 } from 'node:crypto';
import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Role } from '../../domain/access.ts';
import { Invitation } from '../../entities/invitation.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { lockMembers, requireRoleFor } from '../members/acting-role.ts';
import { newToken } from './token.ts';

const LIFE_MS = 7 * 86_400_000;

/**
 * Offers a place in the tenant to whoever has the token, which is in this answer and nowhere else. One that is open for
 * the same address ends: the last one sent is the one that works.
 */
export function createInvitation(
  scope: Scope,
  { email, role }: { email: string; role: Role },
): Promise<{ invitation: Invitation; token: string }> {
  return unitOfWork(scope, async (ctx) => {
    if (ctx.actor.type !== 'user') throw new AppError('forbidden', 'Only users invite.');
    await lockMembers(ctx);
    // Again, under the lock: somebody who was let go meanwhile must leave nothing behind.
    await requireRoleFor(ctx, role === 'owner' ? 'owners:manage' : 'invitations:manage');
    const now = await databaseNow(ctx.em);
    const address = email.toLowerCase();
    await ctx.em.nativeUpdate(Invitation, { email: address, acceptedAt: null, revokedAt: null }, { revokedAt: now });
    const token = newToken();
    const invitation = ctx.em.create(Invitation, {
      id: randomUUIDv7(),
      email: address,
      role,
      tokenHash: token.hash,
      invitedBy: ctx.actor.id,
      createdAt: now,
      expiresAt: new Date(now.getTime() + LIFE_MS),
    });
    audit(ctx, 'invitation.create', { type: 'invitation', id: invitation.id }, ['email', 'role']);
    await ctx.em.flush();
    return { invitation, token: token.text };
  });
}
