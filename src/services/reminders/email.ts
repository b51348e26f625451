import type { Ctx } from '../../context.ts';
import { sendPriority } from '../../domain/flow.ts';
import { laterBy } from '../../domain/last-instant.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Message } from '../../entities/message.ts';
import type { Reminder } from '../../entities/reminder.ts';
import { Tenant } from '../../entities/tenant.ts';
import { mailAbout } from '../invoices/mail.ts';
import { planMessage } from '../messages/plan.ts';
import { rewriteMessage } from '../messages/rewrite.ts';
import { settingsOf } from '../settings/get.ts';
import { refusesMail } from '../unsubscribe/refusals.ts';
import { mailKeyOf } from './keys.ts';
import { USEFUL_MS } from './message.ts';

/**
 * The same as `messageOf` for the mail of a reminder: its id, or nothing where there is none. A mail is something
 * beside: that it cannot be written keeps nothing from leaving, and one that waits gives way to the next reminder.
 */
export async function mailOf(ctx: Ctx, invoice: Invoice, reminder: Reminder): Promise<string | undefined> {
  const { email_reminders, email_texts } = settingsOf(await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId }));
  if (!email_reminders) return undefined;
  const key = mailKeyOf(reminder.id);
  const known = await ctx.em.findOne(Message, { key }, { refresh: true });
  if (known && known.status !== 'queued') return known.id;
  const mail = await mailAbout(ctx, invoice, {
    subject: email_texts.reminder_subject,
    body: reminder.messageTemplate,
  });
  // One that waits for an address that is gone is ended by whoever claims it.
  if (!mail) return known?.id;
  const plannedAt = reminder.plannedAt ?? undefined;
  const now = { ...mail, plannedAt, latestUsefulAt: plannedAt && laterBy(plannedAt, USEFUL_MS) };
  if (known) {
    await rewriteMessage(ctx, known, now);
    return known.id;
  }
  if (await refusesMail(ctx, mail.recipient, 'reminders')) return undefined;
  const message = await planMessage(ctx, {
    ...now,
    key,
    kind: 'reminder',
    topic: 'reminders',
    priority: sendPriority.reminder,
    catchUp: reminder.catchUp,
    flowId: invoice.id,
  });
  return message?.id;
}
