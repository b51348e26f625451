import type { Ctx } from '../../context.ts';
import { roleAllows, type Role } from '../../domain/access.ts';
import { verbs, type Verb } from '../../domain/verbs.ts';
import { Membership } from '../../entities/membership.ts';
import { AppError, notFound } from '../../errors.ts';

/**
 * Holds the tenant against all others who change who is in it, so that what they are told of its owners stays true until
 * they have written. Rows that only refer to the tenant go in meanwhile.
 */
export async function lockMembers({ em, tenantId }: Ctx): Promise<void> {
  const rows = await em.execute<object[]>(
    'select id from app.tenants where id = ? and deleted_at is null for no key update',
    [tenantId],
  );
  if (rows.length === 0) throw notFound('tenant');
}

/** To touch an owner, or make one, takes more than the verb of the request. */
export async function requireOwnerFor(ctx: Ctx, ...roles: Role[]): Promise<void> {
  if (roles.includes('owner')) await requireRoleFor(ctx, 'owners:manage');
}

/** Refuses whoever has not the role of a verb that their request does beside its own. An API key has none. */
export async function requireRoleFor(ctx: Ctx, verb: Verb): Promise<void> {
  const role = await actingRole(ctx);
  const needed = verbs[verb].role;
  if (!role || !roleAllows(role, needed)) throw new AppError('forbidden', `This needs the role ${needed}.`);
}

/** The role of the user who acts, as it is now. A platform admin has that of an owner. */
async function actingRole({ em, actor }: Ctx): Promise<Role | undefined> {
  if (actor.type !== 'user') return undefined;
  const [user] = await em.execute<{ platform_admin: boolean }[]>('select platform_admin from app.user_standing(?)', [
    actor.id,
  ]);
  if (user?.platform_admin) return 'owner';
  return (await em.findOne(Membership, { userId: actor.id }))?.role;
}

/** Refuses what would leave nobody who may do everything. `lockMembers` comes first. */
export async function refuseLastOwner({ em }: Ctx, leaving: Membership): Promise<void> {
  if (leaving.role !== 'owner') return;
  if ((await em.count(Membership, { role: 'owner', id: { $ne: leaving.id } })) > 0) return;
  throw new AppError('last_owner', 'A tenant always has an owner. Make somebody else one first.');
}
