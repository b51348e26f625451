import { z } from 'zod';
import { topics, type Topic } from '../domain/consent.ts';
import { quietTopics } from '../domain/settings.ts';
import { getSettings, type TenantSettings } from '../services/settings/get.ts';
import { updateSettings } from '../services/settings/update.ts';
import { emailSettings, emailSettingsInput } from './invoices/email-settings.ts';
import { reminderSettings, reminderSettingsInput } from './invoices/settings.ts';
import { tenantRoute } from './route.ts';
import { locale, tenantPath, timezone } from './schema.ts';

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 21:30')
  .meta({ example: '21:00' });

const hours = { start: timeOfDay, end: timeOfDay };
const quietDescription = "Times of day in the contact's zone; a start after the end spans midnight";

const quietHoursInput = z
  .strictObject({
    ...hours,
    topics: z
      .array(z.enum(topics))
      .min(1)
      .max(topics.length)
      .transform((list) => [...new Set(list)])
      .default([...quietTopics]),
  })
  .refine(({ start, end }) => start !== end, { path: ['end'], message: 'must not be the start' })
  .meta({ description: quietDescription });

const cap = { max: z.int().min(1).max(1000), per_hours: z.int().min(1).max(720) };
const capDescription = 'At most `max` messages to one contact in any `per_hours` hours';

const perTopic = <T extends z.ZodType>(schema: T) =>
  Object.fromEntries(topics.map((topic) => [topic, schema])) as Record<Topic, T>;

const settings = z
  .object({
    timezone: z.string(),
    locale: z.string(),
    quiet_hours: z
      .object({ ...hours, topics: z.array(z.enum(topics)) })
      .nullable()
      .meta({ description: quietDescription }),
    frequency_caps: z.object(perTopic(z.object(cap).nullable().meta({ description: capDescription }))),
    ...reminderSettings,
    ...emailSettings,
  })
  .meta({ id: 'Settings' });

const present = ({ frequency_caps, ...rest }: TenantSettings) => ({
  ...rest,
  frequency_caps: Object.fromEntries(topics.map((topic) => [topic, frequency_caps[topic] ?? null])) as Record<
    Topic,
    { max: number; per_hours: number } | null
  >,
});

const path = '/api/v1/tenants/{tenant_id}/settings';
const tag = 'Identity';

export const settingsRoutes = [
  tenantRoute(
    {
      access: { tenant: 'path', verb: 'settings:read' },
      method: 'get',
      path,
      operationId: 'getSettings',
      tag,
      summary: 'Show what a tenant has set',
      params: tenantPath,
      status: 200,
      answer: settings,
    },
    async ({ scope }) => present(await getSettings(scope)),
  ),
  tenantRoute(
    {
      access: { tenant: 'path', verb: 'settings:write' },
      method: 'patch',
      path,
      operationId: 'updateSettings',
      tag,
      summary: 'Change settings',
      description: 'What is not named stays as it is; `null` switches off.',
      params: tenantPath,
      body: z.strictObject({
        timezone: timezone.optional(),
        locale: locale.optional(),
        quiet_hours: quietHoursInput.nullable().optional(),
        frequency_caps: z
          .strictObject(
            perTopic(
              z
                .strictObject(cap)
                .nullable()
                .optional()
                .meta({ description: `${capDescription}; null for no cap` }),
            ),
          )
          .optional(),
        ...reminderSettingsInput,
        ...emailSettingsInput,
      }),
      status: 200,
      answer: settings,
      errors: ['no_channel', 'payment_link_unavailable', 'unknown_placeholder', 'template_rule', 'duplicate_reminder'],
    },
    async ({ scope }, { body }) => present(await updateSettings(scope, body)),
  ),
];
