import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemFunction } from './tenant-table.ts';

const columns = [
  `alter table app.api_keys
     -- A key and what replaces it count together: rotating is no way to a higher limit.
     add column limit_id uuid,
     add column replaced_by uuid,
     -- Until then a replaced key works beside its successor.
     add column stops_at timestamptz,
     -- Networks (CIDR) that it may be used from; null for anywhere.
     add column addresses text[],
     add constraint api_keys__replaced_by foreign key (tenant_id, replaced_by) references app.api_keys (tenant_id, id)`,
  `grant select (limit_id, stops_at, addresses) on app.api_keys to ${SYSTEM_ROLE}`,
];

/** Beside `find_api_key`, which processes of the version before this one still ask. */
const holder = systemFunction(
  'api_key_holder(key_id text)',
  `table (tenant_id integer, id uuid, mac bytea, permissions text[], rate_limit integer, limit_id uuid, addresses text[],
     usable boolean, use_is_noted boolean)`,
  `select k.tenant_id, k.id, k.mac, k.permissions, k.rate_limit, coalesce(k.limit_id, k.id), k.addresses,
      k.revoked_at is null and t.deleted_at is null
        and (k.expires_at is null or k.expires_at > clock_timestamp())
        and (k.stops_at is null or k.stops_at > clock_timestamp()),
      coalesce(k.last_used_at > clock_timestamp() - interval '1 minute', false)
   from api_keys k join tenants t on t.id = k.tenant_id where k.key_id = $1`,
);

export class KeyRotation extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...columns, ...holder, ...returnSystemRole]) this.addSql(sql);
  }
}
