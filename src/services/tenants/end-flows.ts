import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Deps } from '../../context.ts';
import { decideForTenant } from '../../database.ts';
import { entityTables } from '../flows/controls/control.ts';
import { endRows, tellDoubted } from '../reminders/end-rows.ts';

const BATCH = 200;
const TENANTS = 100;
/** How often what somebody holds is looked for again, and how long each time is waited for. */
const TRIES = 20;
const PAUSE_MS = 100;

/** Ends all that runs of a deleted tenant, batch by batch, and has Temporal told. Answers how many flows that were. */
export async function endFlows(deps: Pick<Deps, 'pool'>, tenantId: number): Promise<number> {
  let total = 0;
  for (let tries = 0; tries < TRIES;) {
    const { found, ended } = await endBatch(deps, tenantId);
    if (found === 0) break;
    total += ended;
    if (ended > 0) continue;
    tries += 1;
    await delay(PAUSE_MS);
  }
  return total;
}

/** The same for every deleted tenant: what their deletion left, and what was on its way into them then. */
export async function endFlowsOfDeleted(deps: Pick<Deps, 'pool'>): Promise<{ deleted: number }> {
  const { rows } = await deps.pool.query<{ tenant_id: number }>(
    'select tenant_id from app.deleted_tenants_with_flows($1)',
    [TENANTS],
  );
  let deleted = 0;
  for (const { tenant_id } of rows) deleted += await endFlows(deps, tenant_id);
  return { deleted };
}

type Ended = { found: number; ended: number };

/** First what a flow's own work locks first: whoever has read that the flow runs then writes before us, or not at all. */
const held = Object.entries(entityTables).map(
  ([kind, table]) => `${table}_held as (
        select e.id from app.${table} e join candidates c on c.id = e.id and c.kind = '${kind}' for update of e skip locked
      )`,
);
const holds = Object.entries(entityTables).map(
  ([kind, table]) => `(f.kind <> '${kind}' or f.id in (select h.id from ${table}_held h)
          or not exists (select from app.${table} e where e.id = f.id))`,
);

/** A flow that somebody holds is skipped: to wait for it could be a deadlock. It is found again. */
async function endBatch({ pool }: Pick<Deps, 'pool'>, tenantId: number): Promise<Ended> {
  const end = {
    text: `
      with candidates as materialized (
        select f.id, f.kind from app.flows f
        where f.status = 'running' and exists (select from app.tenants t where t.deleted_at is not null)
        order by f.id limit $1
      ), ${held.join(', ')}, chosen as (
        select f.id from app.flows f join candidates c on c.id = f.id
        where f.status = 'running' and ${holds.join(' and ')}
        for update of f skip locked
      ), ended as (
        update app.flows f set status = 'cancelled', stage = 'ended', outcome = 'cancelled', next_action = null,
          next_action_at = null, waits_for_reply = false, paused_at = null, pause_reason = null,
          ended_at = clock_timestamp(), updated_at = clock_timestamp()
        from chosen where f.id = chosen.id
        returning f.id, f.kind
      ), ${endRows('ended', 'tenant_deleted')}, passcodes as (
        update app.otps o set status = 'cancelled', settled_at = clock_timestamp()
        from ended where o.id = ended.id and o.status = 'pending'
      ), unstarted as (
        delete from app.outbox o using ended
        where o.flow_id = ended.id and o.operation = 'start' and o.leased_until is null
      ), numbered as (
        select ended.id, ended.kind, row_number() over (order by ended.id) as n from ended
      ), told as (
        insert into app.outbox (operation, kind, flow_id, args, available_at)
        select 'cancel', kind, id, '{}', clock_timestamp() from numbered
      ), audited as (
        insert into app.audit_log (id, actor_type, actor_id, action, target_type, target_id, reason)
        select ($2::uuid[])[n], 'system', 'deleted_tenant', kind || '.cancelled', kind, id::text, 'tenant_deleted'
        from numbered
      )
      select (select count(*) from candidates)::integer as found, (select count(*) from numbered)::integer as ended,
        array(select channel_id from doubted) as doubted`,
    values: [BATCH, Array.from({ length: BATCH }, () => randomUUIDv7())],
  };
  return decideForTenant(pool, tenantId, [end], ([rows = []]: (Ended & { doubted: string[] })[][]) => {
    const { found = 0, ended = 0, doubted = [] } = rows[0] ?? {};
    return { result: { found, ended }, writes: tellDoubted(doubted) };
  });
}
