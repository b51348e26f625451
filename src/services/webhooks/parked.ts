import type { Pool } from 'pg';
import { logOf, unitOfWork, type Deps } from '../../context.ts';
import { raiseAlert } from '../alerts/raise.ts';
import { scopeOf } from '../scope.ts';

/** So many are named in the log; the rest is counted. */
const NAMED = 20;

/** Gives a webhook up after too many attempts, with its body, and opens an alert for its channel. */
export async function parkWebhook(
  deps: Deps,
  tenantId: number,
  id: string,
  { attempts, error }: { attempts: number; error: unknown },
): Promise<void> {
  const scope = scopeOf(deps, tenantId, { type: 'webhook', id });
  await unitOfWork(scope, async (ctx) => {
    const [row] = await ctx.em.execute<{ channel_id: string }[]>(
      `update app.webhook_inbox set parked_at = clock_timestamp(), leased_until = null
       where id = ? and applied_at is null and parked_at is null returning channel_id`,
      [id],
    );
    if (!row) return;
    await raiseAlert(ctx, {
      kind: 'webhook_parked',
      subject: row.channel_id,
      channelId: row.channel_id,
      detail:
        'Some of what the provider reported could not be applied after many attempts. It is kept, and whoever ' +
        'operates the service can have it applied again.',
    });
    logOf(scope).error({ err: error, webhook_id: id, attempts }, 'a webhook is given up');
  });
}

/** How many webhooks of all tenants are given up and wait for a person. */
export async function countParkedWebhooks(pool: Pick<Pool, 'query'>): Promise<number> {
  const { rows } = await pool.query<{ parked: string }>('select app.count_parked_webhooks() as parked');
  return Number(rows[0]?.parked);
}

/** Says in the log how many they are, and names the first of them. */
export async function reportParked({ pool, log }: Pick<Deps, 'pool' | 'log'>): Promise<void> {
  const parked = await countParkedWebhooks(pool);
  if (parked === 0) return;
  const { rows } = await pool.query<{ tenant_id: number; id: string }>('select * from app.parked_webhooks($1)', [
    NAMED,
  ]);
  const webhooks = rows.map(({ tenant_id, id }) => ({ tenant_id, webhook_id: id }));
  log.error({ parked, webhooks }, 'webhooks are given up: npm run replay-webhooks tries them again');
}
