import type { Deps } from '../../context.ts';
import { tenantEm } from '../../database.ts';
import { resolveAlerts } from '../alerts/raise.ts';

const BATCH = 500;

type ReplayDeps = Pick<Deps, 'orm' | 'pool'>;

/**
 * Lets webhooks that were given up be applied again, with all their attempts before them: those of every tenant, or the
 * one with that id. Tenant by tenant, in short transactions: it may be interrupted and repeated. The alert of a channel
 * closes with its last one, and opens again if it fails again. Answers how many it let go.
 */
export async function replayWebhooks(deps: ReplayDeps, id?: string): Promise<number> {
  const { rows } = await deps.pool.query<{ tenant_id: number }>(
    'select tenant_id from app.tenants_with_parked_webhooks()',
  );
  let replayed = 0;
  for (const { tenant_id } of rows) {
    let batch: number;
    do {
      batch = await replayBatch(deps, tenant_id, id);
      replayed += batch;
    } while (batch === BATCH);
  }
  return replayed;
}

const replayBatch = ({ orm }: ReplayDeps, tenantId: number, id: string | undefined): Promise<number> =>
  tenantEm(orm, tenantId).transactional(async (em) => {
    const rows = await em.execute<{ channel_id: string }[]>(
      `update app.webhook_inbox set parked_at = null, attempts = 0, leased_until = null
       where id in (
         select w.id from app.webhook_inbox w
         where w.parked_at is not null and (?::uuid is null or w.id = ?::uuid) order by w.id limit ? for update
       )
       returning channel_id`,
      [id ?? null, id ?? null, BATCH],
    );
    for (const channelId of new Set(rows.map((row) => row.channel_id))) {
      // Held, so that one that is given up at this moment is seen below, or opens an alert anew.
      await em.execute(
        `select from app.alerts where kind = 'webhook_parked' and subject = ? and resolved_at is null for update`,
        [channelId],
      );
      const left = await em.execute<object[]>(
        'select from app.webhook_inbox where channel_id = ? and parked_at is not null limit 1',
        [channelId],
      );
      if (left.length === 0) await resolveAlerts({ em }, { kind: 'webhook_parked', subject: channelId });
    }
    return rows.length;
  });
