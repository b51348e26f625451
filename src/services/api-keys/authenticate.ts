import type { Deps } from '../../context.ts';
import { asPrepared, runForTenant } from '../../database.ts';
import { apiKeyMac, macEquals, parseApiKey } from '../../security/api-key.ts';

export type KeyHolder = {
  tenantId: number;
  keyId: string;
  permissions: string[];
  rateLimit: number;
  /** What its requests count for: a key and its successor count together. */
  limitId: string;
  /** Networks that it may be used from; null for anywhere. */
  addresses: string[] | null;
};

type Row = {
  tenant_id: number;
  id: string;
  mac: Buffer;
  permissions: string[];
  rate_limit: number;
  limit_id: string;
  addresses: string[] | null;
  usable: boolean;
  use_is_noted: boolean;
};

/** Who holds a key, or undefined. Read at every request: a revoked key is worth nothing from its commit on. */
export async function holderOfKey(deps: Deps, text: string): Promise<KeyHolder | undefined> {
  const parts = parseApiKey(text);
  if (!parts) return undefined;
  const { rows } = await deps.pool.query<Row>(
    asPrepared(deps.pool, {
      name: 'api_key_holder',
      text: 'select * from app.api_key_holder($1)',
      values: [parts.keyId],
    }),
  );
  const row = rows[0];
  const mac = apiKeyMac(deps.config.security.apiKeySalt, parts);
  if (!row || !macEquals(row.mac, mac) || !row.usable) return undefined;
  if (!row.use_is_noted) await noteUse(deps, row);
  return {
    tenantId: row.tenant_id,
    keyId: row.id,
    permissions: row.permissions,
    rateLimit: row.rate_limit,
    limitId: row.limit_id,
    addresses: row.addresses,
  };
}

/** "Last used" is right to the minute, and never a reason to refuse a request. */
async function noteUse(deps: Deps, { tenant_id, id }: Row): Promise<void> {
  await runForTenant(deps.pool, tenant_id, {
    text: `update app.api_keys set last_used_at = clock_timestamp()
      where id = $1 and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')`,
    values: [id],
  }).catch((error: unknown) => deps.log.warn({ err: error, tenant_id }, 'the use of an API key was not noted'));
}
