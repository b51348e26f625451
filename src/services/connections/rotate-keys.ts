import { LockMode } from '@mikro-orm/core';
import type { Deps } from '../../context.ts';
import { tenantEm } from '../../database.ts';
import { Connection } from '../../entities/connection.ts';
import { openSecret, sealSecret } from './secrets.ts';

const BATCH = 50;

type RotationDeps = Pick<Deps, 'orm' | 'pool' | 'keyRing'>;

/**
 * Seals the secrets of every connection anew that are not under the key `kid`, which is the first of the ring; as
 * channels' are. Answers how many connections it changed.
 */
export async function rotateConnectionKeys(deps: RotationDeps, kid: string): Promise<number> {
  const { rows } = await deps.pool.query<{ tenant_id: number }>('select tenant_id from app.tenants_with_connections()');
  let changed = 0;
  for (const { tenant_id } of rows) {
    let batch: number;
    do {
      batch = await rotateBatch(deps, tenant_id, kid);
      changed += batch;
    } while (batch === BATCH);
  }
  return changed;
}

/** Removed connections too: a key may go once nothing is left under it. */
const rotateBatch = (deps: RotationDeps, tenantId: number, kid: string): Promise<number> =>
  tenantEm(deps.orm, tenantId).transactional(async (em) => {
    const stale = { $or: [{ credentials: { kid: { $ne: kid } } }, { verification: { kid: { $ne: kid } } }] };
    const options = { lockMode: LockMode.PESSIMISTIC_WRITE, limit: BATCH, orderBy: { id: 'asc' } } as const;
    const connections = await em.find(Connection, stale, options);
    for (const connection of connections) {
      const place = { tenantId, connectionId: connection.id };
      const verification = openSecret(deps, place, 'verification', connection.verification);
      connection.verification = sealSecret(deps, place, 'verification', verification);
      if (!connection.credentials) continue;
      const credentials = openSecret(deps, place, 'credentials', connection.credentials);
      connection.credentials = sealSecret(deps, place, 'credentials', credentials);
    }
    return connections.length;
  });
