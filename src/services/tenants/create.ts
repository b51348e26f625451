import { randomUUIDv7 } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { joined, unitOfWork, type Actor, type Deps, type Within } from '../../context.ts';
import { Membership } from '../../entities/membership.ts';
import { plans, Tenant, type Plan } from '../../entities/tenant.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { addSandboxChannel } from '../channels/sandbox.ts';
import { scopeOf } from '../scope.ts';
import { holdRoomForOwner, refuseFullOwner } from './owned.ts';

export { plans };

export type CreateTenant = {
  name: string;
  slug: string;
  domain?: string | undefined;
  plan: Plan;
  /** Only for a tenant that takes no place in the sequence of ids. */
  id?: number;
};

/** `ownsAtMost`: tenants of one user, this one included. `within`: a transaction that is of no tenant yet. */
export type CreateTenantAs = { ownsAtMost?: number | undefined; within?: Within | undefined };

/** Makes a tenant with its sandbox channel. A user who makes one becomes its owner. */
export async function createTenant(
  deps: Deps,
  actor: Actor,
  requestId: string | undefined,
  input: CreateTenant,
  { ownsAtMost = Infinity, within }: CreateTenantAs = {},
): Promise<Tenant> {
  const limited = actor.type === 'user' && ownsAtMost < Infinity;
  await refuseTaken(deps, input);
  if (limited) await refuseFullOwner(deps, actor.id, ownsAtMost);
  const id = input.id ?? (await nextTenantId(deps));
  const scope = await joined(scopeOf(deps, id, actor, requestId), within);
  try {
    return await unitOfWork(scope, async (ctx) => {
      if (limited) await holdRoomForOwner(ctx, actor.id, ownsAtMost);
      const tenant = ctx.em.create(Tenant, {
        id,
        name: input.name,
        slug: input.slug,
        domain: input.domain ?? null,
        plan: input.plan,
      });
      await ctx.em.flush();
      if (actor.type === 'user') ctx.em.create(Membership, { id: randomUUIDv7(), userId: actor.id, role: 'owner' });
      if (deps.config.sandbox.enabled) addSandboxChannel(ctx);
      audit(ctx, 'tenant.create', { type: 'tenant', id: String(id) }, ['name', 'slug', 'domain', 'plan']);
      await ctx.em.flush();
      return tenant;
    });
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) await refuseTaken(deps, input);
    throw error;
  }
}

/** Asked before an id is drawn, so that a mistyped slug leaves no gap in the ids. */
async function refuseTaken({ pool }: Deps, { slug, domain }: CreateTenant): Promise<void> {
  const { rows } = await pool.query<{ slug: boolean; domain: boolean }>(
    'select app.tenant_slug_taken($1) as slug, coalesce(app.tenant_domain_taken($2), false) as domain',
    [slug, domain ?? null],
  );
  if (rows[0]?.slug) throw new AppError('slug_taken', 'Another tenant has this slug.');
  if (rows[0]?.domain) throw new AppError('domain_taken', 'Another tenant has this domain.');
}

async function nextTenantId({ pool }: Deps): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(`select nextval('app.tenants_id_seq')::integer as id`);
  if (!rows[0]) throw new Error('A sequence always answers');
  return rows[0].id;
}
