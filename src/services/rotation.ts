import type { EntityManager } from '@mikro-orm/postgresql';
import type { Deps } from '../context.ts';
import { tenantEm } from '../database.ts';

export type RotationDeps = Pick<Deps, 'orm' | 'pool' | 'keyRing'>;

/** How many rows one short transaction seals anew. */
export const ROTATION_BATCH = 50;

/** Rows with a secret that is not under the key `kid`; both their parts are sealed under one. */
export const staleUnder = (kid: string) => ({
  $or: [{ credentials: { kid: { $ne: kid } } }, { verification: { kid: { $ne: kid } } }],
});

/**
 * Seals rows anew tenant by tenant, in short transactions: it may be interrupted and repeated, and processes work
 * meanwhile. `tenants` is the function that names the tenants; `rotateBatch` answers how many rows it has changed.
 */
export async function rotateTenants(
  { orm, pool }: RotationDeps,
  tenants: 'tenants_with_channels' | 'tenants_with_connections',
  rotateBatch: (em: EntityManager, tenantId: number) => Promise<number>,
): Promise<number> {
  const { rows } = await pool.query<{ tenant_id: number }>(`select tenant_id from app.${tenants}()`);
  let changed = 0;
  for (const { tenant_id } of rows) {
    let batch: number;
    do {
      batch = await tenantEm(orm, tenant_id).transactional((em) => rotateBatch(em, tenant_id));
      changed += batch;
    } while (batch === ROTATION_BATCH);
  }
  return changed;
}
