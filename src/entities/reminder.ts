import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

export const reminderTypes = ['due', 'overdue', 'custom'] as const;
export const reminderStatuses = [
  'scheduled',
  'sending',
  'sent',
  'unknown',
  'skipped',
  'cancelled',
  'missed',
  'failed',
] as const;

const ReminderSchema = defineEntity({
  name: 'Reminder',
  tableName: 'reminders',
  properties: {
    ...tenantColumns,
    invoiceId: p.uuid(),
    reminderType: p.enum(reminderTypes),
    daysBeforeDue: p.integer(),
    businessDays: p.boolean().default(false),
    sendAtTime: p.text().nullable(),
    messageTemplate: p.text(),
    templateId: p.uuid().nullable(),
    catchUp: p.enum(['drop', 'send_once', 'shift']),
    status: p.enum(reminderStatuses).default('scheduled'),
    plannedAt: p.datetime().nullable(),
    /** Why it leaves at another time than its rule alone says. */
    shifts: p.json().$type<{ reason: string; from: string; to: string }[]>().defaultRaw(`'[]'`),
    movedTo: p.datetime().nullable(),
    reason: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    endedAt: p.datetime().nullable(),
  },
});

/** One planned nudge about an invoice: the rule by which it is planned, the instant, and what came of it. */
export class Reminder extends ReminderSchema.class {}
ReminderSchema.setClass(Reminder);
