import { unitOfWork, type Scope } from '../../context.ts';
import type { Role } from '../../domain/access.ts';
import { Membership } from '../../entities/membership.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { endInvitationsBeyond } from '../invitations/end-beyond.ts';
import { lockMembers, refuseLastOwner, requireOwnerFor } from './acting-role.ts';
import { withProfiles, type Member } from './list.ts';

/** Gives a member another role, which counts from their next request on. */
export async function changeRole(scope: Scope, userId: string, role: Role): Promise<Member> {
  const membership = await unitOfWork(scope, async (ctx) => {
    await lockMembers(ctx);
    const member = await ctx.em.findOne(Membership, { userId });
    if (!member) throw notFound('member');
    await requireOwnerFor(ctx, member.role, role);
    if (member.role === role) return member;
    await refuseLastOwner(ctx, member);
    member.role = role;
    const ended = await endInvitationsBeyond(ctx, userId, role);
    audit(ctx, 'member.role', { type: 'user', id: userId }, ['role', ...ended]);
    return member;
  });
  const [member] = await withProfiles(scope, [membership]);
  if (!member) throw notFound('member');
  return member;
}
