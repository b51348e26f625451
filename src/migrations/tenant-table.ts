/** The role that the processes log in as, and the one that owns the definer functions. */
export const APP_ROLE = 'carillon_app';
export const SYSTEM_ROLE = 'app_system';

/** The tenant of the running transaction. After a local setting ended it reads '', which a bare cast would refuse. */
export const CURRENT_TENANT = `nullif(current_setting('app.tenant_id', true), '')::integer`;

type Privilege = 'select' | 'insert' | 'update' | 'delete';

export type TenantTable = {
  /** Column definitions beside `tenant_id`, `id` and `deleted_at`, each one line of SQL. */
  columns: string[];
  /** SQL of the `id` column; a UUID unless told otherwise. */
  id?: string;
  /** Columns that must be unique together within one tenant (among living rows where rows are soft-deleted). */
  unique?: string[][];
  /** Foreign keys to other tenant tables; the tenant is always part of them. */
  references?: { column: string; table: string }[];
  /** What the application may do. A soft-deleted table never gets `delete`. */
  privileges: Privilege[];
  softDelete?: boolean;
};

/** One tenant's row cannot be seen, written or referred to from another: every tenant table is made here. */
export function tenantTable(name: string, table: TenantTable): string[] {
  if (table.softDelete && table.privileges.includes('delete')) throw new Error(`${name} is soft-deleted`);
  const columns = [
    `tenant_id integer not null default ${CURRENT_TENANT} references app.tenants (id)`,
    table.id ?? 'id uuid not null',
    ...table.columns,
    ...(table.softDelete ? ['deleted_at timestamptz'] : []),
    `constraint ${name}__pk primary key (tenant_id, id)`,
    ...(table.references ?? []).map(
      ({ column, table: parent }) =>
        `constraint ${name}__${column} foreign key (tenant_id, ${column}) references app.${parent} (tenant_id, id)`,
    ),
  ];
  const living = table.softDelete ? ' where deleted_at is null' : '';
  return [
    `create table app.${name} (\n  ${columns.join(',\n  ')}\n)`,
    ...(table.unique ?? []).map(
      (key) => `create unique index ${name}__${key.join('_')} on app.${name} (tenant_id, ${key.join(', ')})${living}`,
    ),
    ...rowSecurity(name, `tenant_id = ${CURRENT_TENANT}`),
    `grant ${table.privileges.join(', ')} on app.${name} to ${APP_ROLE}`,
  ];
}

/** Row security that the owner is under as well, with one policy for everybody who is not the system role. */
export function rowSecurity(name: string, condition: string): string[] {
  return [
    `alter table app.${name} enable row level security`,
    `alter table app.${name} force row level security`,
    `create policy ${name}__tenant on app.${name} to ${APP_ROLE} using (${condition}) with check (${condition})`,
  ];
}

/** Lets the definer functions (and nobody else) reach a table across tenants, column by column. */
export function systemAccess(name: string, grants: Partial<Record<Privilege, string[]>>): string[] {
  const columns = (list: string[]) => (list.length > 0 ? ` (${list.join(', ')})` : '');
  return [
    `create policy ${name}__system on app.${name} to ${SYSTEM_ROLE} using (true) with check (true)`,
    ...Object.entries(grants).map(
      ([privilege, list]) => `grant ${privilege}${columns(list)} on app.${name} to ${SYSTEM_ROLE}`,
    ),
  ];
}

/** A function that the application may call before a tenant is known. It runs as the system role. */
export function systemFunction(signature: string, returns: string, body: string, volatility = 'stable'): string[] {
  const name = signature.slice(0, signature.indexOf('('));
  return [
    `create function app.${signature} returns ${returns} language sql ${volatility} security definer
      set search_path = app, pg_temp as $$ ${body} $$`,
    `revoke all on function app.${name} from public`,
    `grant execute on function app.${name} to ${APP_ROLE}`,
    `alter function app.${name} owner to ${SYSTEM_ROLE}`,
  ];
}

/**
 * Lets the rows of a tenant that is removed for good be deleted, and of no other, so many at a time; null for all at
 * once. Every tenant table needs it (`services/tenants/purge.ts`). `key`: what its rows are known by within a tenant;
 * `seen`: the system role sees all of its rows already, by `systemAccess`.
 */
export function purgeable(name: string, { key = ['id'], seen = false } = {}): string[] {
  const of = (row: string) => key.map((column) => `${row}.${column}`).join(', ');
  return [
    ...(seen
      ? []
      : [
          `create policy ${name}__purge on app.${name} to ${SYSTEM_ROLE}
             using (exists (select from app.tenant_purges p where p.id = tenant_id))`,
        ]),
    `grant select (tenant_id, ${key.join(', ')}), delete on app.${name} to ${SYSTEM_ROLE}`,
    ...systemFunction(
      `purge_${name}(tenant_id integer, batch integer)`,
      'bigint',
      `with gone as (
         delete from ${name} d where d.tenant_id = $1 and (${of('d')}) in (
           select ${of('c')} from ${name} c
           where c.tenant_id = $1
             and exists (select from tenant_purges p where p.id = $1 and p.purged_at is null)
           order by ${of('c')} limit $2
         )
         returning 1
       ), counted as (
         update tenant_purges p set removed = p.removed + (select count(*) from gone)
         where p.id = $1 and exists (select from gone)
       )
       select count(*) from gone`,
      'volatile',
    ),
  ];
}

/**
 * Handing a function to the system role needs the right to become it. The owner takes that right for one
 * migration and gives it back, so that at rest neither the owner nor the application is a member.
 */
export const borrowSystemRole = [
  `grant ${SYSTEM_ROLE} to current_user with set true, inherit false`,
  `grant create on schema app to ${SYSTEM_ROLE}`,
];
export const returnSystemRole = [
  `revoke create on schema app from ${SYSTEM_ROLE}`,
  `revoke ${SYSTEM_ROLE} from current_user granted by current_user`,
];
