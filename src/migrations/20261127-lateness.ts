import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemFunction } from './tenant-table.ts';

/** How far flows and webhooks are behind, over all tenants: ages and counts, for a metrics endpoint. */
const lateness = [
  // Bulk that waits in the outbox for its turn is late by design, and has a figure of its own. Only the oldest thousand
  // are looked at: a long campaign must not make each look walk over all of it.
  ...systemFunction(
    'late_flows()',
    'table (kind text, seconds double precision)',
    `select f.kind, extract(epoch from clock_timestamp() - min(f.next_action_at))
     from (
       select c.id, c.kind, c.next_action_at from flows c
       where c.status = 'running' and c.next_action_at < clock_timestamp()
       order by c.next_action_at, c.id limit 1000
     ) f
     where not exists (select from outbox o where o.flow_id = f.id and o.operation = 'start')
     group by f.kind`,
  ),
  ...systemFunction(
    'webhook_figures()',
    'table (oldest_seconds double precision, parked bigint)',
    `select
       (select extract(epoch from clock_timestamp() - w.received_at) from webhook_inbox w
        where w.applied_at is null and w.parked_at is null order by w.id limit 1),
       (select count(*) from webhook_inbox w where w.parked_at is not null)`,
  ),
];

export class Lateness extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...lateness, ...returnSystemRole]) this.addSql(sql);
  }
}
