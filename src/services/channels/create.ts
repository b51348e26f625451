import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { reader, unitOfWork, type Scope } from '../../context.ts';
import { Channel } from '../../entities/channel.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { sealSecret } from '../messages/channel.ts';
import { openAccount } from './account.ts';
import { checkWithProvider, registerWebhook, webhookUrl, type WebhookState } from './check.ts';

export type CreateChannel = {
  type: 'whatsapp';
  name?: string | undefined;
  phoneNumberId: string;
  wabaId: string;
  accessToken: string;
  appSecret: string;
  verifyToken?: string | undefined;
};
/** `verifyToken` is there when it was made here: it is shown this once. */
export type CreatedChannel = { channel: Channel; webhook: WebhookState; verifyToken: string | null };

const channelExists = () => new AppError('channel_exists', 'The tenant has a channel with this number.');

/** Takes a number of the tenant's in: asks the provider, keeps the credentials sealed, and directs the webhooks here. */
export async function createChannel(scope: Scope, input: CreateChannel): Promise<CreatedChannel> {
  const { deps, tenantId } = scope;
  const { type, phoneNumberId, wabaId, accessToken } = input;
  const verifyToken = input.verifyToken ?? randomBytes(24).toString('base64url');
  const id = randomUUIDv7();
  const place = { tenantId, channelId: id };
  const row = {
    id,
    type,
    sandbox: false,
    phoneNumberId,
    wabaId,
    credentials: sealSecret(deps, place, 'credentials', { access_token: accessToken }),
    verification: sealSecret(deps, place, 'verification', { app_secret: input.appSecret, verify_token: verifyToken }),
  };
  if ((await reader(scope).count(Channel, { phoneNumberId, deletedAt: null })) > 0) throw channelExists();
  const account = openAccount(deps, tenantId, row);
  const displayPhone = await checkWithProvider(deps, account);
  const channel = await write(scope, { ...row, name: input.name ?? 'WhatsApp', displayPhone });
  // After the commit: the provider asks this very channel to echo a challenge.
  const webhook = await registerWebhook(deps, account, { url: webhookUrl(deps, id), verifyToken });
  return { channel, webhook, verifyToken: input.verifyToken === undefined ? verifyToken : null };
}

async function write(
  scope: Scope,
  row: Pick<
    Channel,
    'id' | 'type' | 'name' | 'sandbox' | 'phoneNumberId' | 'wabaId' | 'displayPhone' | 'credentials' | 'verification'
  >,
): Promise<Channel> {
  try {
    return await unitOfWork(scope, async (ctx) => {
      const channel = ctx.em.create(Channel, row);
      audit(ctx, 'channel.create', { type: 'channel', id: row.id }, [
        'name',
        'phone_number_id',
        'credentials',
        'verification',
      ]);
      await ctx.em.flush();
      return channel;
    });
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw channelExists();
    throw error;
  }
}
