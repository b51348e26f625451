import { unitOfWork, type Scope } from '../../context.ts';
import { Membership } from '../../entities/membership.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { endInvitationsBeyond } from '../invitations/end-beyond.ts';
import { lockMembers, refuseLastOwner, requireOwnerFor } from './acting-role.ts';

/**
 * Takes a member out of the tenant, or has one leave. The tokens that they have are worth nothing here from then on, nor
 * are their open invitations.
 */
export function removeMember(scope: Scope, userId: string): Promise<void> {
  return unitOfWork(scope, async (ctx) => {
    await lockMembers(ctx);
    const member = await ctx.em.findOne(Membership, { userId });
    if (!member) throw notFound('member');
    await requireOwnerFor(ctx, member.role);
    await refuseLastOwner(ctx, member);
    ctx.em.remove(member);
    const ended = await endInvitationsBeyond(ctx, userId);
    audit(ctx, 'member.remove', { type: 'user', id: userId }, ended);
  });
}
