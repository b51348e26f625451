import { z } from 'zod';
import { MAX_REMINDERS } from '../../domain/reminder.ts';
import { reminderTypes } from '../../services/reminders/get.ts';
import { day, reminderInput } from './input.ts';

const DAY_SECONDS = 24 * 60 * 60;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 09:30');

const describe = {
  reminder_time: { description: 'When reminders without a time of their own leave, in the zone of the invoice' },
  jitter_seconds: { description: 'Within how many seconds reminders of the same time are spread' },
  holidays: { description: 'Days without business, beside those of the weekend' },
  weekend: { description: 'Days of the week without business; 1 is Monday' },
  default_reminders: { description: 'The reminders of an invoice that names none' },
};

/** The part of a tenant's settings that is about reminders, in answers. */
export const reminderSettings = {
  reminder_time: z.string().meta(describe.reminder_time),
  jitter_seconds: z.int().meta(describe.jitter_seconds),
  holidays: z.array(z.string()).meta(describe.holidays),
  weekend: z.array(z.int()).meta(describe.weekend),
  default_reminders: z
    .array(
      z.object({
        reminder_type: z.enum(reminderTypes),
        days_before_due: z.int(),
        business_days: z.boolean(),
        send_at_time: z.string().optional(),
        message_template: z.string(),
        catch_up: z.enum(['drop', 'send_once', 'shift']),
      }),
    )
    .meta(describe.default_reminders),
};

/** The same in a change. */
export const reminderSettingsInput = {
  reminder_time: timeOfDay.optional().meta(describe.reminder_time),
  jitter_seconds: z.int().min(0).max(DAY_SECONDS).optional().meta(describe.jitter_seconds),
  holidays: z.array(day).max(1_000).optional().meta(describe.holidays),
  weekend: z.array(z.int().min(1).max(7)).max(6).optional().meta(describe.weekend),
  default_reminders: z.array(reminderInput).max(MAX_REMINDERS).optional().meta(describe.default_reminders),
};
