import type { Ctx } from '../../context.ts';
import { sendPriority } from '../../domain/flow.ts';
import { laterBy } from '../../domain/last-instant.ts';
import { fill } from '../../domain/placeholders.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Message } from '../../entities/message.ts';
import type { Reminder } from '../../entities/reminder.ts';
import { Tenant } from '../../entities/tenant.ts';
import { linksUnavailable } from '../alerts/links-unavailable.ts';
import { raiseAlert } from '../alerts/raise.ts';
import { canCharge } from '../connections/paying.ts';
import { effectiveLocale } from '../contacts/timezone.ts';
import { contactOf } from '../invoices/contact.ts';
import { paymentPageUrl } from '../invoices/payment-token.ts';
import { zoneOf } from '../invoices/zone.ts';
import { planMessage } from '../messages/plan.ts';
import { rewriteMessage } from '../messages/rewrite.ts';
import { settingsOf } from '../settings/get.ts';
import { messageKeyOf } from './keys.ts';
import { namesPaymentLink } from './payment-link.ts';
import { templateOf } from './template.ts';
import { reminderValues } from './text.ts';

/** How long after its time a reminder that says `drop` is still worth sending: it was for that morning. */
export const USEFUL_MS = 12 * 60 * 60 * 1_000;

/**
 * Writes the message of a reminder into the ledger, with what is owed at this moment, to where the contact is reached at
 * this moment. One that waits there is brought up to date; one that has left, or is about to, stays. Answers its id, or
 * why there is nothing to send. The invoice's row is locked, and `recall` has locked what waits.
 */
export async function messageOf(
  ctx: Ctx,
  invoice: Invoice,
  reminder: Reminder,
): Promise<{ messageId: string } | { reason: string }> {
  const key = messageKeyOf(reminder.id);
  const known = await ctx.em.findOne(Message, { key }, { refresh: true });
  if (known && known.status !== 'queued') return { messageId: known.id };
  const contact = await contactOf(ctx, invoice);
  if (!contact?.phone) return { reason: 'contact_gone' };
  const tenant = await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId });
  const settings = settingsOf(tenant);
  const terms = {
    timeZone: zoneOf(invoice, contact, settings.timezone),
    locale: effectiveLocale(contact, settings.locale),
    paymentLink: paymentPageUrl(ctx.deps, ctx.tenantId, invoice.id),
  };
  const filled = fill(reminder.messageTemplate, reminderValues(invoice, contact, terms));
  if ('missing' in filled) return { reason: 'unknown_placeholder' };
  // A link at which nobody can pay is worse than no reminder, which a person sees.
  if (namesPaymentLink(reminder.messageTemplate) && !(await canCharge(ctx.em))) {
    const detail = 'Reminders with {payment_link} fail: connect Stripe, or give its connection a new access token.';
    await raiseAlert(ctx, { ...linksUnavailable(ctx.tenantId), detail });
    return { reason: 'payment_link_unavailable' };
  }
  const template = await templateOf(ctx, reminder, terms.locale);
  if ('missing' in template) return { reason: template.missing };
  const plannedAt = reminder.plannedAt ?? undefined;
  const now = {
    contactId: contact.id,
    recipient: contact.phone,
    channelId: template.channelId,
    content: { type: 'text' as const, body: filled.text, parameters: filled.parameters },
    templateId: template.id,
    plannedAt,
    latestUsefulAt: plannedAt && laterBy(plannedAt, USEFUL_MS),
  };
  if (known) {
    await rewriteMessage(ctx, known, now);
    return { messageId: known.id };
  }
  const message = await planMessage(ctx, {
    ...now,
    key,
    kind: 'reminder',
    topic: 'reminders',
    priority: sendPriority.reminder,
    catchUp: reminder.catchUp,
    flowId: invoice.id,
  });
  if (!message) throw new Error('The invoice is locked, so nobody else plans its reminders');
  return { messageId: message.id };
}
