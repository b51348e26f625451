import { setTimeout as delay } from 'node:timers/promises';
import type { Deps } from '../../context.ts';
import { runForTenant } from '../../database.ts';

type Waker = Pick<Deps, 'pool' | 'config'>;

const TENANTS = 100;
/** Well below what the activity may take: what is left is the next round's. */
const ROUND_MS = 30_000;
/** After so long the outbox has room again, as a rule. */
const PAUSE_MS = 250;

/** Tells all invoices of a tenant that follow a change and have not been told. Answers how many that were. */
export const wakeRest = (deps: Waker, tenantId: number): Promise<number> => inTurns(deps, async () => [tenantId]);

/** The same for every tenant: what its requests have left when their process ended. */
export async function wakeRests(deps: Waker): Promise<{ woken: number }> {
  const woken = await inTurns(deps, async () => {
    const { rows } = await deps.pool.query<{ tenant_id: number }>('select tenant_id from app.tenants_with_wakes($1)', [
      TENANTS,
    ]);
    return rows.map(({ tenant_id }) => tenant_id);
  });
  return { woken };
}

/** Batch by batch, each tenant in its turn, until nothing is left or the round is over. */
async function inTurns(deps: Waker, tenants: () => Promise<number[]>): Promise<number> {
  const endAt = performance.now() + ROUND_MS;
  let woken = 0;
  while (performance.now() < endAt) {
    let [told, waits] = [0, false];
    for (const tenantId of await tenants()) {
      const batch = await wakeBatch(deps, tenantId);
      told += batch.told;
      waits ||= batch.left;
    }
    woken += told;
    if (!waits) break;
    if (told === 0) await delay(PAUSE_MS);
  }
  return woken;
}

/**
 * The next batch, and how far it has come, in one transaction: whoever dies is followed by the next one who looks. The
 * newest change covers what is left of those before it. While the tenant's last batch is on its way there is no other, so
 * that the outbox keeps room for everybody else. `left`: there is more to tell.
 */
async function wakeBatch({ pool, config }: Waker, tenantId: number): Promise<{ told: number; left: boolean }> {
  const [row] = await runForTenant<{ told: number; left: boolean }>(pool, tenantId, {
    text: `
      with underway as (
        select count(*) as rows from (
          select from app.outbox o where o.operation = 'signal' and o.signal = 'invoiceChanged' and o.parked_at is null
          limit $1
        ) waiting
      ), wake as (
        select w.id, w.contact_id, w.after_id from app.flow_wakes w
        where (select rows from underway) < $1 order by w.id desc limit 1 for update skip locked
      ), batch as (
        select f.id, f.kind from wake join app.flows f on f.id > wake.after_id
        where f.kind = 'invoice' and f.status = 'running' and (wake.contact_id is null or f.contact_id = wake.contact_id)
        order by f.id limit $1
      ), told as (
        insert into app.outbox (operation, kind, flow_id, signal, args, available_at)
        select 'signal', kind, id, 'invoiceChanged', '{}', clock_timestamp() from batch
        returning id
      ), moved as (
        update app.flow_wakes w set after_id = (select id from batch order by id desc limit 1)
        from wake where w.id = wake.id and (select count(*) from batch) = $1
      ), ended as (
        delete from app.flow_wakes w using wake
        where w.id <= wake.id and w.contact_id is not distinct from wake.contact_id
          and (select count(*) from batch) < $1
        returning w.id
      )
      select (select count(*) from told)::integer as told,
        (select count(*) from app.flow_wakes) > (select count(*) from ended) as left`,
    values: [config.flows.wakeBatch],
  });
  return row ?? { told: 0, left: false };
}
