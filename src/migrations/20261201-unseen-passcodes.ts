import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemFunction } from './tenant-table.ts';

// Which of these have been started and have no message yet that a sender has looked at.
const passcodes = [
  `grant select (flow_id) on app.messages to ${SYSTEM_ROLE}`,
  ...systemFunction(
    'unseen_passcodes(tenant_ids integer[], ids uuid[])',
    'table (id uuid)',
    `select m.flow_id from messages m join unnest($1, $2) as asked (tenant_id, id)
       on m.tenant_id = asked.tenant_id and m.flow_id = asked.id
     where m.status = 'queued' and m.attempts = 0`,
  ),
];

export class UnseenPasscodes extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...passcodes, ...returnSystemRole]) this.addSql(sql);
  }
}
