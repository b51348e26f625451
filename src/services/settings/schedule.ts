import type { Ctx } from '../../context.ts';
import { equalReminders } from '../../domain/reminder.ts';
import type { ReminderSettings } from '../../domain/reminder-settings.ts';
import { Channel } from '../../entities/channel.ts';
import { AppError } from '../../errors.ts';
import { checkPaymentLinks } from '../reminders/payment-link.ts';
import { invoiceFields } from '../reminders/text.ts';
import { checkText } from '../templates/check-text.ts';
import { componentsOf } from '../templates/compile.ts';

type Schedule = Pick<ReminderSettings, 'default_reminders' | 'reminder_time'>;

/**
 * Refuses a default schedule that invoices could not be made with: whoever makes one has not written it, and could not
 * mend it. A `reminder_time` that would make two of a schedule equal is refused as well.
 */
export async function checkSchedule(
  ctx: Ctx,
  before: Schedule,
  change: { [name in keyof Schedule]?: Schedule[name] | undefined },
): Promise<void> {
  const { default_reminders: written, reminder_time: time } = change;
  if (written) await checkTexts(ctx, written);
  if (!written && time === undefined) return;
  const timings = (written ?? before.default_reminders).map((rule) => ({
    daysBeforeDue: rule.days_before_due,
    businessDays: rule.business_days,
    sendAtTime: rule.send_at_time ?? null,
  }));
  const equal = equalReminders(timings, time ?? before.reminder_time);
  if (!equal) return;
  const path = written ? `default_reminders.${equal[1]}.days_before_due` : 'reminder_time';
  throw new AppError('duplicate_reminder', 'Two reminders would say the same at the same time.', {
    errors: [{ path, message: written ? 'is the time of another one' : 'would make two of `default_reminders` equal' }],
  });
}

async function checkTexts(ctx: Ctx, rules: Schedule['default_reminders']): Promise<void> {
  const path = (n: number) => `default_reminders.${n}.message_template`;
  const texts = rules.map((rule) => rule.message_template);
  for (const [n, text] of texts.entries()) checkText(text, invoiceFields, path(n));
  await checkPaymentLinks(ctx, texts, path);
  if (texts.length === 0) return;
  // Whoever has a real channel sends from it.
  const sandbox = (await ctx.em.count(Channel, { type: 'whatsapp', sandbox: false, deletedAt: null })) === 0;
  for (const [n, text] of texts.entries()) componentsOf(text, { sandbox, path: path(n) });
}
