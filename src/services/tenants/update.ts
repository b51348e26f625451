import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Tenant, type Plan } from '../../entities/tenant.ts';
import { AppError, notFound } from '../../errors.ts';
import { audit } from '../audit.ts';

/** What is to change: `undefined` stays, `null` goes. */
export type TenantChange = { name?: string | undefined; domain?: string | null | undefined };

export async function updateTenant(scope: Scope, change: TenantChange): Promise<Tenant> {
  try {
    return await unitOfWork(scope, async (ctx) => {
      const tenant = await lockTenant(ctx);
      const { name = tenant.name, domain = tenant.domain } = change;
      const fields = [...(name === tenant.name ? [] : ['name']), ...(domain === tenant.domain ? [] : ['domain'])];
      if (fields.length === 0) return tenant;
      if (fields.includes('domain') && domain) await refuseTakenDomain(ctx, domain);
      Object.assign(tenant, { name, domain, updatedAt: await databaseNow(ctx.em) });
      audit(ctx, 'tenant.update', { type: 'tenant', id: String(tenant.id) }, fields);
      await ctx.em.flush();
      return tenant;
    });
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw domainTaken();
    throw error;
  }
}

export function changePlan(scope: Scope, plan: Plan): Promise<Tenant> {
  return unitOfWork(scope, async (ctx) => {
    const tenant = await lockTenant(ctx);
    if (tenant.plan === plan) return tenant;
    Object.assign(tenant, { plan, updatedAt: await databaseNow(ctx.em) });
    audit(ctx, 'tenant.plan', { type: 'tenant', id: String(tenant.id) }, ['plan']);
    return tenant;
  });
}

/** The row of a tenant that is not deleted, held against others who change it. */
async function lockTenant(ctx: Ctx): Promise<Tenant> {
  const tenant = await ctx.em.findOne(
    Tenant,
    { id: ctx.tenantId, deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  if (!tenant) throw notFound('tenant');
  return tenant;
}

const domainTaken = () => new AppError('domain_taken', 'Another tenant has this domain.');

async function refuseTakenDomain({ em }: Ctx, domain: string): Promise<void> {
  const [row] = await em.execute<{ taken: boolean }[]>('select app.tenant_domain_taken(?) as taken', [domain]);
  if (row?.taken) throw domainTaken();
}
