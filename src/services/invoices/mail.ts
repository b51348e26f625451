import type { Ctx } from '../../context.ts';
import { mailAddress } from '../../domain/mail-address.ts';
import type { EmailContent } from '../../domain/message-content.ts';
import { fill } from '../../domain/placeholders.ts';
import { templateValue } from '../../domain/template-compiler.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Tenant } from '../../entities/tenant.ts';
import { mailChannel } from '../channels/default.ts';
import { canCharge } from '../connections/paying.ts';
import { effectiveLocale } from '../contacts/timezone.ts';
import { namesPaymentLink } from '../reminders/payment-link.ts';
import { reminderValues } from '../reminders/text.ts';
import { settingsOf } from '../settings/get.ts';
import { contactOf } from './contact.ts';
import { paymentPageUrl } from './payment-token.ts';
import { zoneOf } from './zone.ts';

/** A mail about an invoice, as the ledger takes it. */
export type InvoiceMail = { contactId: string; recipient: string; channelId: string; content: EmailContent };

/**
 * Fills in a mail about an invoice, with what is true at this moment; nothing where its contact has no address, the
 * tenant nothing to send mail from, or a placeholder no value.
 */
export async function mailAbout(
  ctx: Ctx,
  invoice: Invoice,
  texts: { subject: string; body: string },
): Promise<InvoiceMail | undefined> {
  const contact = await contactOf(ctx, invoice);
  const channel = contact?.email ? await mailChannel(ctx.em) : null;
  if (!contact?.email || !channel) return undefined;
  const settings = settingsOf(await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId }));
  const values = reminderValues(invoice, contact, {
    timeZone: zoneOf(invoice, contact, settings.timezone),
    locale: effectiveLocale(contact, settings.locale),
    paymentLink: paymentPageUrl(ctx.deps, ctx.tenantId, invoice.id),
  });
  const subject = fill(texts.subject, values);
  const body = fill(texts.body, values);
  if ('missing' in subject || 'missing' in body) return undefined;
  if (namesPaymentLink(texts.body) && !(await canCharge(ctx.em))) return undefined;
  return {
    contactId: contact.id,
    recipient: mailAddress(contact.email),
    channelId: channel.id,
    // A line break in a name must not begin another header.
    content: { type: 'email', subject: templateValue(subject.text), body: body.text },
  };
}
