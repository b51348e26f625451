import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemFunction } from './tenant-table.ts';

/** How many channels do not send, over all tenants, by who has stopped them: for a metrics endpoint. */
const pausedChannels = [
  `grant select (pause_reason, pause_code) on app.channels to ${SYSTEM_ROLE}`,
  // One of thousands is paused.
  `create index channels__paused on app.channels (tenant_id) where status = 'paused' and deleted_at is null`,
  // What a person gives as the reason is their own text; then there is no code.
  ...systemFunction(
    'paused_channel_counts()',
    'table (reason text, paused bigint)',
    `select case when c.pause_code is null then 'person' else c.pause_reason end, count(*)
     from channels c join tenants t on t.id = c.tenant_id
     where c.status = 'paused' and c.deleted_at is null and t.deleted_at is null
     group by 1 order by 1`,
  ),
];

export class PausedChannels extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...pausedChannels, ...returnSystemRole]) this.addSql(sql);
  }
}
