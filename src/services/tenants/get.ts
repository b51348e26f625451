import { reader, type Deps, type Scope } from '../../context.ts';
import { Tenant } from '../../entities/tenant.ts';
import { notFound } from '../../errors.ts';

export async function getTenant(scope: Scope): Promise<Tenant> {
  const tenant = await reader(scope).findOne(Tenant, { id: scope.tenantId, deletedAt: null });
  if (!tenant) throw notFound('tenant');
  return tenant;
}

/** The tenants that a user may see, by id: their own, or all for a platform admin. */
export async function listTenants(
  deps: Deps,
  userId: string,
  page: { after: number; limit: number },
): Promise<{ tenants: Tenant[]; next: number | null }> {
  const { rows } = await deps.pool.query<{ tenant_id: number }>('select tenant_id from app.user_tenants($1, $2, $3)', [
    userId,
    page.after,
    page.limit + 1,
  ]);
  const ids = rows.slice(0, page.limit).map(({ tenant_id }) => tenant_id);
  if (ids.length === 0) return { tenants: [], next: null };
  const em = deps.orm.em.fork({ session: { variables: { 'app.tenant_ids': `{${ids.join(',')}}` } } });
  const tenants = await em.find(Tenant, { id: { $in: ids } }, { orderBy: { id: 'asc' } });
  return { tenants, next: rows.length > page.limit ? (ids.at(-1) ?? null) : null };
}
