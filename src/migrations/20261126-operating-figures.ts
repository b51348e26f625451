import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemFunction } from './tenant-table.ts';

/** What whoever operates looks at, over all tenants: counts and ages, and ids of our own rows. */
const figures = [
  `grant select (stage) on app.flows to ${SYSTEM_ROLE}`,
  // Both hold few rows beside the tables that they are of: what has ended, or is delivered, is in neither.
  `create index flows__running on app.flows (kind, stage) where status = 'running'`,
  'create index outbox__parked on app.outbox (id) where parked_at is not null',
  // One step for each flow that runs.
  ...systemFunction(
    'running_flow_counts()',
    'table (kind text, stage text, running bigint)',
    `select f.kind, f.stage, count(*) from flows f where f.status = 'running' group by 1, 2 order by 1, 2`,
  ),
  // Ids are given in the order in which rows are made, so the first one that waits is the oldest, or as good as that.
  // What is urgent has an index of its own, so that a long queue of the bulk is not walked over to find none of it.
  ...systemFunction(
    'outbox_figures()',
    'table (urgent_seconds double precision, bulk_seconds double precision, parked bigint)',
    `select
       (select extract(epoch from clock_timestamp() - o.created_at) from outbox o
        where not (o.operation = 'start' and o.kind = 'message') and o.parked_at is null order by o.id limit 1),
       (select extract(epoch from clock_timestamp() - o.created_at) from outbox o
        where o.operation = 'start' and o.kind = 'message' and o.parked_at is null order by o.id limit 1),
       (select count(*) from outbox o where o.parked_at is not null)`,
  ),
  // Of the last day, as `doubtful_messages`: what nobody settled by then is history.
  ...systemFunction(
    'unsettled_message_counts(older interval)',
    'table (kind text, unsettled bigint)',
    `select m.kind, count(*) from messages m
     where m.status = 'unknown' and m.settle_at between statement_timestamp() - interval '1 day' and statement_timestamp()
       and coalesce(m.claimed_at, m.updated_at) < statement_timestamp() - $1
     group by 1 order by 1`,
  ),
  // The newest of those that `doubtful_messages` counts.
  ...systemFunction(
    'newest_doubtful_messages(batch integer)',
    'table (tenant_id integer, id uuid, kind text, since timestamptz)',
    `select m.tenant_id, m.id, m.kind, coalesce(m.claimed_at, m.updated_at) from messages m
     where m.status = 'unknown' and m.settle_at between statement_timestamp() - interval '1 day' and statement_timestamp()
     order by m.settle_at desc limit $1`,
  ),
];

export class OperatingFigures extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...figures, ...returnSystemRole]) this.addSql(sql);
  }
}
