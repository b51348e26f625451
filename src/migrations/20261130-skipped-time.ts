import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemFunction } from './tenant-table.ts';

/** Whether flows run, of whichever tenant, for which time was skipped. The index holds those alone: as a rule, none. */
const skippedTime = [
  `create index flows__skipped on app.flows (id) where status = 'running' and clock_offset <> '0'`,
  'grant select (clock_offset) on app.flows to app_system',
  ...systemFunction(
    'time_was_skipped()',
    'boolean',
    `select exists (select from flows where status = 'running' and clock_offset <> '0')`,
  ),
];

export class SkippedTime extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...skippedTime, ...returnSystemRole]) this.addSql(sql);
  }
}
