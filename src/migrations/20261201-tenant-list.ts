import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemFunction } from './tenant-table.ts';

/** A user's tenants are found from their memberships: to look past those of everybody else takes longer with each. */
const tenantList = [
  `set local role ${SYSTEM_ROLE}`,
  'drop function app.user_tenants(uuid, integer, integer)',
  'reset role',
  ...systemFunction(
    'user_tenants(user_id uuid, after integer, page_size integer)',
    'table (tenant_id integer)',
    `(
       select t.id from tenants t
       where t.deleted_at is null and t.id > $2 and (select u.platform_admin from users u where u.id = $1)
       order by t.id limit $3
     ) union (
       select t.id from memberships m join tenants t on t.id = m.tenant_id
       where m.user_id = $1 and t.deleted_at is null and t.id > $2
       order by t.id limit $3
     )
     order by 1 limit $3`,
  ),
];

export class TenantList extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...tenantList, ...returnSystemRole]) this.addSql(sql);
  }
}
