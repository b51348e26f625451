import { z } from 'zod';
import { MAX_PAID_REPLY, paidReplyActions } from '../../domain/paid-replies.ts';
import { MAX_REMINDERS } from '../../domain/reminder.ts';
import { bare, wishOf } from '../../domain/stop-words.ts';
import { reminderTypes } from '../../services/reminders/get.ts';
import { line } from '../schema.ts';
import { day, reminderInput } from './input.ts';

const DAY_SECONDS = 24 * 60 * 60;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 09:30');

const describe = {
  reminder_time: { description: 'When reminders without a time of their own leave, in the zone of the invoice' },
  jitter_seconds: { description: 'Within how many seconds reminders of the same time are spread' },
  holidays: { description: 'Days without business, beside those of the weekend' },
  weekend: { description: 'Days of the week without business; 1 is Monday' },
  default_reminders: {
    description:
      'The reminders of an invoice that names none. They are checked here; of two that come to the same instant for an ' +
      'invoice that is due at an instant, one is left out.',
  },
  paid_replies: {
    description:
      'What a customer writes, or what stands behind the button that is tapped, to say that the invoice is paid. Case, ' +
      'accents and punctuation do not matter; the whole message has to be it. Meant is the invoice whose reminder is ' +
      'quoted, or the only open one that the customer was reminded of in the last 7 days; of others that the customer ' +
      'was ever reminded of, an alert is all.',
    example: ['paid', 'bezahlt'],
  },
  paid_reply_action: {
    description:
      '`pause`: nothing reminds until a person has looked, and an alert says so. `book`: all that is due is booked as ' +
      'paid, with source `reply`.',
  },
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
  paid_replies: z.array(z.string()).meta(describe.paid_replies),
  paid_reply_action: z.enum(paidReplyActions).meta(describe.paid_reply_action),
};

const paidReply = line(MAX_PAID_REPLY)
  .refine((text) => bare(text) !== '', 'must have a letter or a digit')
  .refine(
    (text) => wishOf({ type: 'text', text }) === undefined,
    'means that somebody wants to hear nothing more, or again',
  );

/** The same in a change. */
export const reminderSettingsInput = {
  reminder_time: timeOfDay.optional().meta(describe.reminder_time),
  jitter_seconds: z.int().min(0).max(DAY_SECONDS).optional().meta(describe.jitter_seconds),
  holidays: z.array(day).max(1_000).optional().meta(describe.holidays),
  weekend: z.array(z.int().min(1).max(7)).max(6).optional().meta(describe.weekend),
  default_reminders: z.array(reminderInput).max(MAX_REMINDERS).optional().meta(describe.default_reminders),
  paid_replies: z.array(paidReply).max(20).optional().meta(describe.paid_replies),
  paid_reply_action: z.enum(paidReplyActions).optional().meta(describe.paid_reply_action),
};
