import type { Ctx } from '../../context.ts';
import { sendPriority } from '../../domain/flow.ts';
import { fill } from '../../domain/placeholders.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Message } from '../../entities/message.ts';
import type { Reminder } from '../../entities/reminder.ts';
import { Template } from '../../entities/template.ts';
import { Tenant } from '../../entities/tenant.ts';
import { effectiveLocale } from '../contacts/timezone.ts';
import { contactOf } from '../invoices/contact.ts';
import { zoneOf } from '../invoices/zone.ts';
import { planMessage } from '../messages/plan.ts';
import { settingsOf } from '../settings/get.ts';
import { reminderValues } from './text.ts';

/** How long after its time a reminder that says `drop` is still worth sending: it was for that morning. */
export const USEFUL_MS = 12 * 60 * 60 * 1_000;

/**
 * Writes the message of a reminder into the ledger, with what is owed at this moment, unless it is there already. Answers
 * its id, or why there is nothing to send.
 */
export async function messageOf(
  ctx: Ctx,
  invoice: Invoice,
  reminder: Reminder,
): Promise<{ messageId: string } | { reason: string }> {
  const key = `reminder:${reminder.id}`;
  const known = await ctx.em.findOne(Message, { key });
  if (known) return { messageId: known.id };
  const contact = await contactOf(ctx, invoice);
  if (!contact?.phone) return { reason: 'contact_gone' };
  const template = reminder.templateId ? await ctx.em.findOne(Template, { id: reminder.templateId }) : null;
  if (!template) return { reason: 'template_gone' };
  const tenant = await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId });
  const settings = settingsOf(tenant);
  const terms = {
    timeZone: zoneOf(invoice, contact, settings.timezone),
    locale: effectiveLocale(contact, settings.locale),
  };
  const filled = fill(reminder.messageTemplate, reminderValues(invoice, contact, terms));
  if ('missing' in filled) return { reason: 'unknown_placeholder' };
  const plannedAt = reminder.plannedAt ?? undefined;
  const message = await planMessage(ctx, {
    key,
    kind: 'reminder',
    contactId: contact.id,
    recipient: contact.phone,
    channelId: template.channelId,
    topic: 'reminders',
    content: { type: 'text', body: filled.text, parameters: filled.parameters },
    templateId: template.id,
    priority: sendPriority.reminder,
    plannedAt,
    latestUsefulAt: plannedAt && new Date(plannedAt.getTime() + USEFUL_MS),
    catchUp: reminder.catchUp,
    flowId: invoice.id,
  });
  if (!message) throw new Error('The invoice is locked, so nobody else plans its reminders');
  return { messageId: message.id };
}
