import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemFunction } from './tenant-table.ts';

const outbox = [
  // The `traceparent` of the request that wrote the row, when traces are taken: ids, which name nobody. A default, so
  // that whoever writes to the outbox, in whatever statement, need not know of it.
  `alter table app.outbox add column trace text default nullif(current_setting('app.trace', true), '')`,
  ...systemFunction(
    'outbox_traces(ids bigint[])',
    'table (id bigint, trace text)',
    'select o.id, o.trace from outbox o where o.id = any ($1) and o.trace is not null',
  ),
];

export class TraceContext extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...outbox, ...returnSystemRole]) this.addSql(sql);
  }
}
