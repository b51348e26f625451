import { unitOfWork, type Scope } from '../../context.ts';
import { Membership } from '../../entities/membership.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { lockMembers, refuseLastOwner, requireOwnerFor } from './acting-role.ts';

/** Takes a member out of the tenant, or has one leave. The tokens that they have are worth nothing here from then on. */
export function removeMember(scope: Scope, userId: string): Promise<void> {
  return unitOfWork(scope, async (ctx) => {
    await lockMembers(ctx);
    const member = await ctx.em.findOne(Membership, { userId });
    if (!member) throw notFound('member');
    await requireOwnerFor(ctx, member.role);
    await refuseLastOwner(ctx, member);
    ctx.em.remove(member);
    audit(ctx, 'member.remove', { type: 'user', id: userId });
  });
}
