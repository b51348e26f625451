import { LockMode } from '@mikro-orm/core';
import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Invitation } from '../../entities/invitation.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';

/** Takes an invitation back. One that is accepted or ended stays as it is. */
export function revokeInvitation(scope: Scope, id: string): Promise<void> {
  return unitOfWork(scope, async (ctx) => {
    const invitation = await ctx.em.findOne(Invitation, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!invitation) throw notFound('invitation');
    if (invitation.acceptedAt || invitation.revokedAt) return;
    invitation.revokedAt = await databaseNow(ctx.em);
    audit(ctx, 'invitation.revoke', { type: 'invitation', id }, ['revoked_at']);
  });
}
