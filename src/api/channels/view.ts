import { z } from 'zod';
import type { Deps } from '../../context.ts';
import type { Channel } from '../../entities/channel.ts';
import { webhookUrl, type WebhookState } from '../../services/channels/check.ts';
import { id, instant, iso, isoOrNull } from '../schema.ts';
import { mailFields, presentMail } from './email.ts';

const common = {
  id,
  name: z.string(),
  sandbox: z.boolean(),
  status: z.enum(['active', 'paused']),
  pause_reason: z.string().nullable().meta({
    description: '`reauthorise`: it needs new credentials; `provider`: Meta stopped it; else what was said',
  }),
  pause_code: z.int().nullable().meta({ description: "The provider's error code, when it was the provider" }),
  paused_at: instant.nullable(),
  throughput_per_second: z.int(),
  created_at: instant,
  updated_at: instant,
};
const fields = {
  ...common,
  type: z.literal('whatsapp'),
  phone_number_id: z.string(),
  waba_id: z.string(),
  display_phone_number: z.string().nullable(),
  webhook_url: z.string(),
};
const mail = z
  .object({ ...common, type: z.literal('email'), ...mailFields })
  .meta({ id: 'MailChannel', description: 'Credentials are never answered back.' });
const number = z.object(fields).meta({ id: 'WhatsAppChannel', description: 'Credentials are never answered back.' });
export const channelView = z.discriminatedUnion('type', [number, mail]).meta({ id: 'Channel' });
const webhook = {
  webhook_status: z.enum(['registered', 'failed', 'unchanged']),
  webhook_detail: z.string().nullable().meta({ description: 'How to register the webhook by hand, when it failed' }),
};
const createdNumber = z
  .object({
    ...fields,
    ...webhook,
    verify_token: z.string().nullable().meta({ description: 'Shown this once, when it was made here' }),
  })
  .meta({ id: 'CreatedWhatsAppChannel' });
export const createdView = z.discriminatedUnion('type', [createdNumber, mail]).meta({ id: 'CreatedChannel' });
const updatedNumber = z.object({ ...fields, ...webhook }).meta({ id: 'UpdatedWhatsAppChannel' });
export const updatedView = z.discriminatedUnion('type', [updatedNumber, mail]).meta({ id: 'UpdatedChannel' });

const presentCommon = (row: Channel) => ({
  id: row.id,
  name: row.name,
  sandbox: row.sandbox,
  status: row.status,
  pause_reason: row.pauseReason ?? null,
  pause_code: row.pauseCode ?? null,
  paused_at: isoOrNull(row.pausedAt),
  throughput_per_second: row.throughputPerSecond,
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
});
export const presentNumber = (deps: Deps, row: Channel) => ({
  ...presentCommon(row),
  type: 'whatsapp' as const,
  phone_number_id: row.phoneNumberId ?? '',
  waba_id: row.wabaId ?? '',
  display_phone_number: row.displayPhone ?? null,
  webhook_url: webhookUrl(deps, row.id),
});
export const presentServer = (row: Channel) => ({ ...presentCommon(row), type: 'email' as const, ...presentMail(row) });
export const presentChannel = (deps: Deps, row: Channel) =>
  row.type === 'email' ? presentServer(row) : presentNumber(deps, row);
export const presentWebhook = (state: WebhookState | null) => ({
  webhook_status: state?.status ?? ('unchanged' as const),
  webhook_detail: state?.detail ?? null,
});
