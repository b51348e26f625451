import { randomUUIDv7 } from 'node:crypto';
import type { Pool } from 'pg';
import { decideForTenant, runForTenant } from '../../database.ts';
import { endRows, tellDoubted } from '../reminders/end-rows.ts';
import type { FlowRef } from './lost.ts';

/**
 * Has a flow started that Temporal does not know, unless its start already waits; one that was given up is tried anew.
 * The flow reads its rows first, so what it did before is not done again.
 */
export async function restartFlow(pool: Pool, { tenantId, id, kind }: FlowRef): Promise<'restarted'> {
  await runForTenant(pool, tenantId, {
    text: `
      with parked as (
        delete from app.outbox s where s.flow_id = $1 and s.operation = 'start' and s.parked_at is not null
      )
      insert into app.outbox (operation, kind, flow_id, args, available_at)
      select 'start', f.kind, f.id,
        jsonb_strip_nulls(jsonb_build_object('priority', (select m.priority from app.messages m where m.id = f.id))),
        clock_timestamp()
      from app.flows f
      where f.id = $1 and f.kind = $2 and f.status = 'running'
        and not exists (
          select from app.outbox s where s.flow_id = f.id and s.operation = 'start' and s.parked_at is null
        )`,
    values: [id, kind],
  });
  return 'restarted';
}

/**
 * Ends a flow whose workflow somebody ended from outside, with what it had still planned to send. What becomes of that
 * which is at the provider, its sender writes down.
 */
export async function abandonFlow(pool: Pool, { tenantId, id, kind }: FlowRef): Promise<'ended'> {
  const end = {
    text: `
      with ended as (
        update app.flows f set status = 'cancelled', stage = 'ended', outcome = 'cancelled', next_action = null,
          next_action_at = null, ended_at = clock_timestamp(), updated_at = clock_timestamp()
        where f.id = $1 and f.kind = $2 and f.status = 'running'
        returning f.id, f.kind
      ), ${endRows('ended', 'flow_cancelled')}, audited as (
        insert into app.audit_log (id, actor_type, actor_id, action, target_type, target_id)
        select $3, 'system', 'lost_workflow', ended.kind || '.cancelled', ended.kind, ended.id::text from ended
      )
      select channel_id from doubted`,
    values: [id, kind, randomUUIDv7()],
  };
  // Like whoever changes the invoice: it comes before or after, and the rows are read as it leaves them.
  const locked = { text: 'select from app.invoices where id = $1 for update', values: [id] };
  await decideForTenant(pool, tenantId, [locked, end], ([, doubted = []]: { channel_id: string }[][]) => ({
    result: undefined,
    writes: tellDoubted(doubted.map(({ channel_id }) => channel_id)),
  }));
  return 'ended';
}
