import { z } from 'zod';
import type { Deps } from '../context.ts';
import type { Channel } from '../entities/channel.ts';
import { webhookUrl, type WebhookState } from '../services/channels/check.ts';
import { AppError } from '../errors.ts';
import { createChannel } from '../services/channels/create.ts';
import { createMailChannel, updateMailChannel } from '../services/channels/email.ts';
import { getChannel, listChannels } from '../services/channels/get.ts';
import { removeChannel } from '../services/channels/remove.ts';
import { pauseChannel, resumeChannel } from '../services/channels/state.ts';
import { updateChannel } from '../services/channels/update.ts';
import { mailChange, mailFields, newMailChannel, presentMail, toMail, toMailFields } from './channels-email.ts';
import { tenantRoute } from './route.ts';
import { id, instant, iso, isoOrNull, line, pageOf, pageQuery } from './schema.ts';

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
const channel = z.discriminatedUnion('type', [number, mail]).meta({ id: 'Channel' });
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
const created = z.discriminatedUnion('type', [createdNumber, mail]).meta({ id: 'CreatedChannel' });
const updatedNumber = z.object({ ...fields, ...webhook }).meta({ id: 'UpdatedWhatsAppChannel' });
const updated = z.discriminatedUnion('type', [updatedNumber, mail]).meta({ id: 'UpdatedChannel' });

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
const presentNumber = (deps: Deps, row: Channel) => ({
  ...presentCommon(row),
  type: 'whatsapp' as const,
  phone_number_id: row.phoneNumberId ?? '',
  waba_id: row.wabaId ?? '',
  display_phone_number: row.displayPhone ?? null,
  webhook_url: webhookUrl(deps, row.id),
});
const presentServer = (row: Channel) => ({ ...presentCommon(row), type: 'email' as const, ...presentMail(row) });
const present = (deps: Deps, row: Channel) => (row.type === 'email' ? presentServer(row) : presentNumber(deps, row));
const webhookOf = (state: WebhookState | null) => ({
  webhook_status: state?.status ?? ('unchanged' as const),
  webhook_detail: state?.detail ?? null,
});

/** What Meta calls by ids of digits. */
const metaId = z.string().regex(/^\d{5,30}$/, 'must be an id of digits');
/** It goes into a header or is compared: printable, without spaces. */
const secret = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces');

/** What only the other type of channel has. */
const foreign = {
  whatsapp: Object.keys(mailChange),
  email: ['access_token', 'app_secret', 'throughput_per_second'],
};

function refuseOthers(type: Channel['type'], body: object): void {
  const errors = Object.entries(body).flatMap(([path, value]) =>
    value !== undefined && foreign[type].includes(path) ? [{ path, message: `is nothing that ${type} has` }] : [],
  );
  if (errors.length > 0) throw new AppError('invalid_request', 'Some fields are not valid.', { errors });
}

const read = { tenant: 'header', verb: 'channels:read' } as const;
const write = { tenant: 'header', verb: 'channels:write' } as const;
const params = z.object({ channel_id: id });
const base = '/api/v1/channels';
const path = `${base}/{channel_id}`;
const tag = 'Channels';

export const channelRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: base,
      operationId: 'createChannel',
      tag,
      summary: 'Add a WhatsApp number, or a mail server',
      description:
        'A mail server is connected to and signed in at. The number is checked with Meta and its webhooks are directed here. Where that fails the channel is made all ' +
        'the same, and `webhook_detail` says how to do it by hand.',
      body: z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('whatsapp'),
          name: line(100).optional(),
          phone_number_id: metaId,
          waba_id: metaId,
          access_token: secret(8, 1000),
          app_secret: secret(8, 200),
          verify_token: secret(8, 200).optional(),
        }),
        newMailChannel,
      ]),
      status: 201,
      idempotent: 'outside',
      answer: created,
      errors: ['channel_exists', 'channel_refused'],
    },
    async ({ scope }, { body }) => {
      if (body.type === 'email') return presentServer(await createMailChannel(scope, toMail(body)));
      const made = await createChannel(scope, {
        type: body.type,
        name: body.name,
        phoneNumberId: body.phone_number_id,
        wabaId: body.waba_id,
        accessToken: body.access_token,
        appSecret: body.app_secret,
        verifyToken: body.verify_token,
      });
      return { ...presentNumber(scope.deps, made.channel), ...webhookOf(made.webhook), verify_token: made.verifyToken };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: base,
      operationId: 'listChannels',
      tag,
      summary: 'List channels, newest first',
      query: pageQuery,
      status: 200,
      answer: pageOf(channel),
    },
    async ({ scope }, { query }) => {
      const page = await listChannels(scope, query);
      return { data: page.rows.map((row) => present(scope.deps, row)), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path,
      operationId: 'getChannel',
      tag,
      summary: 'Show a channel',
      params,
      status: 200,
      answer: channel,
    },
    async ({ scope }, { params: { channel_id } }) => present(scope.deps, await getChannel(scope, channel_id)),
  ),
  tenantRoute(
    {
      access: write,
      method: 'patch',
      path,
      operationId: 'updateChannel',
      tag,
      summary: 'Change a channel',
      description:
        'A new `access_token` is tried with Meta before it replaces the old one. It resumes a channel that was paused ' +
        'for `reauthorise`, and registers the webhooks again. So is another `smtp` with its server.',
      params,
      body: z.strictObject({
        name: line(100).optional(),
        access_token: secret(8, 1000).optional(),
        app_secret: secret(8, 200).optional(),
        throughput_per_second: z.int().min(1).max(1000).optional(),
        ...mailChange,
      }),
      status: 200,
      answer: updated,
      errors: ['channel_refused'],
    },
    async ({ scope }, { params: { channel_id }, body }) => {
      const { type } = await getChannel(scope, channel_id);
      refuseOthers(type, body);
      if (type === 'email') {
        return presentServer(await updateMailChannel(scope, channel_id, toMailFields(body)));
      }
      const changed = await updateChannel(scope, channel_id, {
        name: body.name,
        accessToken: body.access_token,
        appSecret: body.app_secret,
        throughputPerSecond: body.throughput_per_second,
      });
      return { ...presentNumber(scope.deps, changed.channel), ...webhookOf(changed.webhook) };
    },
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/pause`,
      operationId: 'pauseChannel',
      tag,
      summary: 'Hold everything that would leave from a channel',
      params,
      body: z.strictObject({ reason: line(200) }),
      status: 200,
      answer: channel,
    },
    async ({ scope }, { params: { channel_id }, body: { reason } }) =>
      present(scope.deps, await pauseChannel(scope, channel_id, reason)),
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/resume`,
      operationId: 'resumeChannel',
      tag,
      summary: 'Let a channel send again',
      description:
        'What was held goes on by itself. A number that Meta still refuses is paused again by the next message.',
      params,
      status: 200,
      answer: channel,
    },
    async ({ scope }, { params: { channel_id } }) => present(scope.deps, await resumeChannel(scope, channel_id)),
  ),
  tenantRoute(
    {
      access: write,
      method: 'delete',
      path,
      operationId: 'deleteChannel',
      tag,
      summary: 'Remove a channel and destroy its credentials',
      params,
      status: 204,
    },
    async ({ scope }, { params: { channel_id } }) => {
      await removeChannel(scope, channel_id);
      return undefined;
    },
  ),
];
