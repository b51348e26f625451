import type { Ctx } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { roleAllows, roles, type Role } from '../../domain/access.ts';
import { verbs } from '../../domain/verbs.ts';
import { Invitation } from '../../entities/invitation.ts';

/**
 * Ends the open invitations of a user that somebody of this role could not make, all of them where it is none: whoever
 * is let go must not come back by one. Answers what has changed, for the audit log. `lockMembers` comes first.
 */
export async function endInvitationsBeyond({ em }: Ctx, userId: string, role?: Role): Promise<'invitations'[]> {
  const may = (verb: 'invitations:manage' | 'owners:manage') =>
    role !== undefined && roleAllows(role, verbs[verb].role);
  const beyond = roles.filter(
    (offered) => !may('invitations:manage') || (offered === 'owner' && !may('owners:manage')),
  );
  if (beyond.length === 0) return [];
  const ended = await em.nativeUpdate(
    Invitation,
    { invitedBy: userId, role: { $in: beyond }, acceptedAt: null, revokedAt: null },
    { revokedAt: await databaseNow(em) },
  );
  return ended > 0 ? ['invitations'] : [];
}
