import type { Deps, Scope } from '../../context.ts';
import { asPrepared } from '../../database.ts';
import type { Sealed } from '../../entities/channel.ts';
import { scopeOf } from '../scope.ts';
import { openSecret } from './secrets.ts';

/** `secrets`: the current one, and for a while the one before. */
export type WebhookConnection = { scope: Scope; id: string; accountId: string | null; secrets: string[] };

type Row = {
  tenant_id: number;
  platform: string;
  account_id: string | null;
  verification: Sealed;
  overlap: boolean;
};

/** The connection that a webhook's path names, with what its signature is checked by. */
export async function findWebhookConnection(
  deps: Deps,
  platform: string,
  id: string,
): Promise<WebhookConnection | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined;
  const { rows } = await deps.pool.query<Row>(
    asPrepared(deps.pool, {
      name: 'webhook_connection',
      text: 'select * from app.webhook_connection($1)',
      values: [id],
    }),
  );
  const row = rows[0];
  if (row?.platform !== platform) return undefined;
  const place = { tenantId: row.tenant_id, connectionId: id };
  const { secret, previous } = openSecret(deps, place, 'verification', row.verification);
  return {
    scope: scopeOf(deps, row.tenant_id, { type: 'webhook', id }),
    id,
    accountId: row.account_id,
    secrets: row.overlap && previous !== null ? [secret, previous] : [secret],
  };
}
