import { LockMode } from '@mikro-orm/core';
import type { Deps } from '../../context.ts';
import { tenantEm } from '../../database.ts';
import { Channel } from '../../entities/channel.ts';
import { openSecret, sealSecret } from '../messages/channel.ts';

const BATCH = 50;

type RotationDeps = Pick<Deps, 'orm' | 'pool' | 'keyRing'>;

/**
 * Seals every secret anew that is not under the key `kid`, which is the first of the ring. Tenant by tenant, in short
 * transactions: it may be interrupted and repeated, and processes work meanwhile. Answers how many channels it changed.
 */
export async function rotateKeys(deps: RotationDeps, kid: string): Promise<number> {
  const { rows } = await deps.pool.query<{ tenant_id: number }>('select tenant_id from app.tenants_with_channels()');
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

/** Removed channels too: a key may go once nothing is left under it. */
const rotateBatch = (deps: RotationDeps, tenantId: number, kid: string): Promise<number> =>
  tenantEm(deps.orm, tenantId).transactional(async (em) => {
    const stale = { $or: [{ credentials: { kid: { $ne: kid } } }, { verification: { kid: { $ne: kid } } }] };
    const options = { lockMode: LockMode.PESSIMISTIC_WRITE, limit: BATCH, orderBy: { id: 'asc' } } as const;
    const channels = await em.find(Channel, stale, options);
    for (const channel of channels) {
      const place = { tenantId, channelId: channel.id };
      const credentials = openSecret(deps, place, 'credentials', channel.credentials);
      const verification = openSecret(deps, place, 'verification', channel.verification);
      channel.credentials = sealSecret(deps, place, 'credentials', credentials);
      channel.verification = sealSecret(deps, place, 'verification', verification);
    }
    return channels.length;
  });
