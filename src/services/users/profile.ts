import type { Deps } from '../../context.ts';
import type { Role } from '../../domain/access.ts';
import { Tenant } from '../../entities/tenant.ts';
import { AppError } from '../../errors.ts';
import { membershipsOf } from './standing.ts';

export type Profile = {
  id: string;
  email: string;
  name: string;
  platformAdmin: boolean;
  createdAt: Date;
  tenants: { id: number; name: string; slug: string; role: Role }[];
};

/** How many tenants a profile shows; `listTenants` has them all. */
export const SHOWN = 100;

type Row = { id: string; email: string; name: string; platform_admin: boolean; created_ms: number };

/** Who a user is, and where they are a member. */
export async function profileOf(deps: Deps, userId: string): Promise<Profile> {
  const { rows } = await deps.pool.query<Row>(
    `select id, email, name, platform_admin, (extract(epoch from created_at) * 1000)::double precision as created_ms
     from app.user_profile($1)`,
    [userId],
  );
  const [user] = rows;
  if (!user) throw new AppError('unauthenticated', 'The access token is not valid or has expired.');
  const memberships = [...(await membershipsOf(deps, userId))].slice(0, SHOWN);
  const ids = memberships.map(([id]) => id);
  const em = deps.orm.em.fork({ session: { variables: { 'app.tenant_ids': `{${ids.join(',')}}` } } });
  const tenants = ids.length === 0 ? [] : await em.find(Tenant, { id: { $in: ids } });
  const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    platformAdmin: user.platform_admin,
    createdAt: new Date(user.created_ms),
    tenants: memberships.flatMap(([id, role]) => {
      const tenant = byId.get(id);
      return tenant ? [{ id, name: tenant.name, slug: tenant.slug, role }] : [];
    }),
  };
}
