import type { Account, Channel, ManagementResult } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';

/** Asks the provider whether the token opens the number. Answers the number as people write it. */
export async function checkWithProvider({ whatsappManagement }: Deps, channel: Channel): Promise<string> {
  const answer = await whatsappManagement.checkNumber(channel);
  if (answer.ok) return answer.value.displayPhoneNumber;
  throw refusalOf(answer);
}

function refusalOf({ code, verdict, detail }: Extract<ManagementResult<unknown>, { ok: false }>): AppError {
  if (code === undefined || verdict === 'retry' || verdict === 'retry_after') {
    return new AppError('unavailable', 'WhatsApp cannot be asked about this number now.', {
      retryAfterSeconds: 30,
      cause: new Error(detail),
    });
  }
  const why =
    verdict === 'reauthorise'
      ? 'it does not accept the access token'
      : verdict === 'pause_number'
        ? 'the number may not send'
        : 'the number does not exist, or the access token may not see it';
  return new AppError('channel_refused', `WhatsApp refused the channel: ${why} (code ${code}).`);
}

export type WebhookState = { status: 'registered' | 'failed'; detail: string | null };

/** Directs the account's webhooks to the channel. That it failed is told, and can be mended by hand. */
export async function registerWebhook(
  { whatsappManagement }: Deps,
  account: Account,
  callback: { url: string; verifyToken: string },
): Promise<WebhookState> {
  const answer = await whatsappManagement.subscribe(account, callback);
  if (answer.ok) return { status: 'registered', detail: null };
  const code = answer.code === undefined ? '' : ` (code ${answer.code})`;
  const detail =
    `WhatsApp did not take the webhook${code}. In the app's settings, under WhatsApp, Configuration, set the callback ` +
    'URL to `webhook_url` with the verify token, and subscribe to `messages`, `user_preferences`, ' +
    '`message_template_status_update` and `template_category_update`; ' +
    'or change the access token here, which tries again.';
  return { status: 'failed', detail };
}

export const webhookUrl = ({ config }: Pick<Deps, 'config'>, channelId: string): string =>
  `${config.publicUrl.replace(/\/+$/, '')}/webhooks/whatsapp/${channelId}`;
