import { afterCommit, unitOfWork, type Scope } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { endFlows } from './end-flows.ts';

/**
 * Deletes a tenant: from the commit on nobody finds it, its keys are worth nothing and nothing of it is sent. Its flows,
 * of which there may be many, are ended right after; what is left of that if this process dies, the reconciler ends.
 */
export async function removeTenant(scope: Scope): Promise<void> {
  await unitOfWork(scope, async (ctx) => {
    const rows = await ctx.em.execute<object[]>(
      `update app.tenants set deleted_at = clock_timestamp(), updated_at = clock_timestamp()
       where id = ? and deleted_at is null returning id`,
      [ctx.tenantId],
    );
    if (rows.length === 0) throw notFound('tenant');
    await ctx.em.execute('update app.api_keys set revoked_at = clock_timestamp() where revoked_at is null');
    audit(ctx, 'tenant.delete', { type: 'tenant', id: String(ctx.tenantId) }, ['deleted_at', 'api_keys']);
  });
  afterCommit(scope, ({ deps, tenantId }) => {
    void endFlows(deps, tenantId).catch((error: unknown) =>
      deps.log.warn({ err: error, tenant_id: tenantId }, 'flows of a deleted tenant are left to the reconciler'),
    );
  });
}
