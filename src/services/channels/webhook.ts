import { reader, type Deps, type Scope } from '../../context.ts';
import { Channel } from '../../entities/channel.ts';
import { openCredentials } from '../messages/channel.ts';
import { scopeOf } from '../scope.ts';

export type WebhookChannel = { scope: Scope; appSecret: string; verifyToken: string };

/** The channel that a webhook's path names, with what its signature is checked by. */
export async function findWebhookChannel(deps: Deps, channelId: string): Promise<WebhookChannel | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(channelId)) return undefined;
  const { rows } = await deps.pool.query<{ tenant_id: number | null }>('select app.channel_tenant($1) as tenant_id', [
    channelId,
  ]);
  const tenantId = rows[0]?.tenant_id;
  if (tenantId == null) return undefined;
  const scope = scopeOf(deps, tenantId, { type: 'webhook', id: channelId });
  const channel = await reader(scope).findOne(Channel, { id: channelId });
  if (!channel) return undefined;
  const { app_secret, verify_token } = openCredentials(deps, tenantId, channel);
  return { scope, appSecret: app_secret, verifyToken: verify_token };
}
