import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { reader, unitOfWork, type Actor, type Deps } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Flow } from '../../entities/flow.ts';
import { Tenant } from '../../entities/tenant.ts';
import { AppError, notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { scopeOf } from '../scope.ts';
import { endFlows } from './end-flows.ts';

export const RESTORABLE_DAYS = 30;

/**
 * Undoes a deletion. Rows, members and settings are as they were; keys stay revoked and flows cancelled, all of them:
 * those whose end was still under way are ended first.
 */
export async function restoreTenant(
  deps: Deps,
  { tenantId, actor, requestId }: { tenantId: number; actor: Actor; requestId?: string | undefined },
): Promise<Tenant> {
  const scope = scopeOf(deps, tenantId, actor, requestId);
  await restorable(reader(scope), tenantId);
  await endFlows(deps, tenantId);
  return unitOfWork(scope, async (ctx) => {
    const tenant = await restorable(ctx.em, tenantId, LockMode.PESSIMISTIC_WRITE);
    if ((await ctx.em.count(Flow, { status: 'running' })) > 0) {
      throw new AppError('conflict', 'The flows of the tenant are still being ended. Try again shortly.');
    }
    Object.assign(tenant, { deletedAt: null, updatedAt: await databaseNow(ctx.em) });
    audit(ctx, 'tenant.restore', { type: 'tenant', id: String(tenantId) }, ['deleted_at']);
    return tenant;
  });
}

async function restorable(em: EntityManager, id: number, lockMode: LockMode = LockMode.NONE): Promise<Tenant> {
  const tenant = await em.findOne(Tenant, { id }, { lockMode });
  // Under the lock of its row, where there is one: a purge begins under the same.
  if (await isPurged(em, id)) throw new AppError('tenant_purged', 'The tenant is removed for good.');
  if (!tenant) throw notFound('tenant');
  if (!tenant.deletedAt) throw new AppError('tenant_not_deleted', 'The tenant is not deleted.');
  if ((await databaseNow(em)).getTime() - tenant.deletedAt.getTime() > RESTORABLE_DAYS * 86_400_000) {
    throw new AppError('restore_too_late', `A tenant can be restored for ${RESTORABLE_DAYS} days.`);
  }
  return tenant;
}

async function isPurged(em: EntityManager, id: number): Promise<boolean> {
  const [row] = await em.execute<{ purged: boolean }[]>('select app.tenant_purge_begun(?) as purged', [id]);
  return row?.purged ?? false;
}
