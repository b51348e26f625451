import { reader, unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Channel, Sealed } from '../../entities/channel.ts';
import { AppError } from '../../errors.ts';
import { resolveAlerts } from '../alerts/raise.ts';
import { audit } from '../audit.ts';
import { openSecret, sealSecret } from '../messages/channel.ts';
import { openAccount } from './account.ts';
import { checkWithProvider, registerWebhook, webhookUrl, type WebhookState } from './check.ts';
import { livingNumber } from './default.ts';
import { activate, lockChannel } from './state.ts';

export type UpdateChannel = {
  name?: string | undefined;
  accessToken?: string | undefined;
  appSecret?: string | undefined;
  throughputPerSecond?: number | undefined;
};

/**
 * Changes what is said. A new access token is tried before it replaces the old one; it ends the pause of a channel that
 * waited for it, and registers the webhooks again.
 */
export async function updateChannel(
  scope: Scope,
  id: string,
  input: UpdateChannel,
): Promise<{ channel: Channel; webhook: WebhookState | null }> {
  const { deps, tenantId } = scope;
  const before = await livingNumber(reader(scope), id);
  const { sandbox, phoneNumberId, wabaId } = before;
  const { accessToken, appSecret } = input;
  if (sandbox && (accessToken !== undefined || appSecret !== undefined)) {
    throw new AppError('invalid_request', 'The credentials of a sandbox channel are its own.', {
      errors: [{ path: accessToken === undefined ? 'app_secret' : 'access_token', message: 'cannot be changed' }],
    });
  }
  const credentials = accessToken === undefined ? undefined : sealToken(scope, id, accessToken);
  const account = credentials && openAccount(deps, tenantId, { id, sandbox, phoneNumberId, wabaId, credentials });
  const displayPhone = account && (await checkWithProvider(deps, account));
  const channel = await unitOfWork(scope, (ctx) => write(ctx, id, { ...input, credentials, displayPhone }));
  if (!account) return { channel, webhook: null };
  const { verify_token } = openSecret(deps, { tenantId, channelId: id }, 'verification', verificationOf(channel));
  const callback = { url: webhookUrl(deps, id), verifyToken: verify_token };
  return { channel, webhook: await registerWebhook(deps, account, callback) };
}

const sealToken = ({ deps, tenantId }: Scope, channelId: string, token: string): Sealed =>
  sealSecret(deps, { tenantId, channelId }, 'credentials', { access_token: token });

type Change = UpdateChannel & { credentials: Sealed | undefined; displayPhone: string | undefined };

async function write(ctx: Ctx, id: string, change: Change): Promise<Channel> {
  const { deps, tenantId } = ctx;
  const { name, throughputPerSecond, appSecret, credentials, displayPhone } = change;
  const channel = await lockChannel(ctx, id);
  const place = { tenantId, channelId: id };
  const kept = appSecret !== undefined && openSecret(deps, place, 'verification', verificationOf(channel));
  const verification = kept && sealSecret(deps, place, 'verification', { ...kept, app_secret: appSecret });
  const said = { name, throughputPerSecond, credentials, displayPhone, ...(verification && { verification }) };
  const fields = Object.entries(said).filter(([, value]) => value !== undefined);
  if (fields.length === 0) return channel;
  Object.assign(channel, Object.fromEntries(fields));
  channel.updatedAt = await databaseNow(ctx.em);
  audit(
    ctx,
    'channel.update',
    { type: 'channel', id },
    fields.map(([field]) => field),
  );
  if (credentials) await takeUp(ctx, channel);
  return channel;
}

function verificationOf({ verification }: Channel): Sealed {
  if (!verification) throw new Error('The channel is no WhatsApp number');
  return verification;
}

/** Whoever paused the channel: that it needs credentials is over. What waited for them goes on. */
export async function takeUp(ctx: Ctx, channel: Channel): Promise<void> {
  await resolveAlerts(ctx, { kind: 'channel_reauthorise', subject: channel.id });
  if (channel.pauseReason === 'reauthorise' && channel.pauseCode != null) await activate(ctx, channel);
}
