import { LockMode } from '@mikro-orm/core';
import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Topic } from '../../domain/consent.ts';
import { readSettings, type FrequencyCap, type QuietHours } from '../../domain/settings.ts';
import type { PaidReplies } from '../../domain/paid-replies.ts';
import type { ReminderSettings } from '../../domain/reminder-settings.ts';
import { Tenant } from '../../entities/tenant.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { settingsChanged } from '../reminders/wake.ts';
import { changedEmail, emailChanged, type EmailSettingsChange } from './email.ts';
import { settingsOf, type TenantSettings } from './get.ts';
import { checkSchedule } from './schedule.ts';

/** What is to change: `undefined` stays, `null` is switched off. Caps are named topic by topic. */
export type SettingsChange = {
  timezone?: string | undefined;
  locale?: string | undefined;
  quiet_hours?: QuietHours | null | undefined;
  frequency_caps?: Partial<Record<Topic, FrequencyCap | null | undefined>> | undefined;
} & EmailSettingsChange & {
    [name in keyof (ReminderSettings & PaidReplies)]?: (ReminderSettings & PaidReplies)[name] | undefined;
  };

export function updateSettings(scope: Scope, change: SettingsChange): Promise<TenantSettings> {
  return unitOfWork(scope, async (ctx) => {
    // Locked: two changes of different settings at once must both stand.
    const tenant = await ctx.em.findOne(
      Tenant,
      { id: scope.tenantId, deletedAt: null },
      { lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    if (!tenant) throw notFound('tenant');
    const fields = Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (fields.length === 0) return settingsOf(tenant);
    await checkSchedule(ctx, settingsOf(tenant), change);
    const { timezone, locale, quiet_hours, frequency_caps, ...rest } = change;
    const { email_reminders, invoice_notices, email_texts, ...reminders } = rest;
    const before = settingsOf(tenant);
    if (timezone !== undefined) tenant.timezone = timezone;
    if (locale !== undefined) tenant.locale = locale;
    tenant.settings = {
      ...tenant.settings,
      ...said(reminders),
      ...changedEmail(tenant.settings, { email_reminders, invoice_notices, email_texts }),
      ...(quiet_hours === undefined ? {} : { quiet_hours }),
      ...(frequency_caps === undefined
        ? {}
        : { frequency_caps: { ...readSettings(tenant.settings).frequency_caps, ...said(frequency_caps) } }),
    };
    tenant.updatedAt = await databaseNow(ctx.em);
    await settingsChanged(ctx, fields);
    await emailChanged(ctx, before, settingsOf(tenant));
    audit(ctx, 'settings.update', { type: 'tenant', id: String(tenant.id) }, fields);
    return settingsOf(tenant);
  });
}

const said = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
