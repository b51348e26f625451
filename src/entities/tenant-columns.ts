import { p } from '@mikro-orm/core';

/** The columns that every tenant table has. The tenant is filled in by Postgres, from the running transaction. */
export const tenantColumns = {
  id: p.uuid().primary(),
  tenantId: p.integer().defaultRaw(`nullif(current_setting('app.tenant_id', true), '')::integer`),
};
