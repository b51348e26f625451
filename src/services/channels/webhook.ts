import type { Deps, Scope } from '../../context.ts';
import { asPrepared } from '../../database.ts';
import type { Sealed } from '../../entities/channel.ts';
import { openSecret } from '../messages/channel.ts';
import { scopeOf } from '../scope.ts';

export type WebhookChannel = { scope: Scope; appSecret: string; verifyToken: string };

/** The channel that a webhook's path names, with what its signature is checked by. */
export async function findWebhookChannel(deps: Deps, channelId: string): Promise<WebhookChannel | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(channelId)) return undefined;
  const { rows } = await deps.pool.query<{ tenant_id: number; verification: Sealed | null }>(
    asPrepared(deps.pool, {
      name: 'webhook_channel',
      text: 'select * from app.webhook_channel($1)',
      values: [channelId],
    }),
  );
  const row = rows[0];
  // A mail server reports nothing.
  if (!row?.verification) return undefined;
  const place = { tenantId: row.tenant_id, channelId };
  const { app_secret, verify_token } = openSecret(deps, place, 'verification', row.verification);
  const scope = scopeOf(deps, row.tenant_id, { type: 'webhook', id: channelId });
  return { scope, appSecret: app_secret, verifyToken: verify_token };
}
