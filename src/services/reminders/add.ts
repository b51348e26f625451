import { randomUUIDv7 } from 'node:crypto';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import type { CatchUp } from '../../domain/catch-up.ts';
import type { ReminderRule } from '../../domain/reminder-settings.ts';
import { equalReminders, MAX_REMINDERS, type ReminderTiming } from '../../domain/reminder.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import type { Template } from '../../entities/template.ts';
import { Tenant } from '../../entities/tenant.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { defaultChannel } from '../channels/default.ts';
import { effectiveLocale } from '../contacts/timezone.ts';
import { settleFlow } from '../invoices/flow.ts';
import { lockInvoice } from '../invoices/get.ts';
import { contactOf } from '../invoices/contact.ts';
import { zoneOf } from '../invoices/zone.ts';
import { checkText } from '../templates/check-text.ts';
import { ensureTemplate } from '../templates/compile.ts';
import { settingsOf } from '../settings/get.ts';
import { submitTemplatesSoon } from '../templates/submit.ts';
import { checkPaymentLinks } from './payment-link.ts';
import { replan } from './plan.ts';
import { invoiceFields } from './text.ts';
import { usualTime } from './usual-time.ts';

export type NewReminder = {
  reminderType: Reminder['reminderType'];
  daysBeforeDue: number;
  businessDays?: boolean | undefined;
  /** `HH:MM`; the tenant's time for all, if absent. */
  sendAtTime?: string | undefined;
  messageTemplate: string;
  catchUp?: CatchUp | undefined;
};

export const fromRule = (rule: ReminderRule): NewReminder => ({
  reminderType: rule.reminder_type,
  daysBeforeDue: rule.days_before_due,
  businessDays: rule.business_days,
  sendAtTime: rule.send_at_time,
  messageTemplate: rule.message_template,
  catchUp: rule.catch_up,
});

/** Adds a reminder to an invoice, which may have sent its last one long ago. */
export async function addReminder(scope: Scope, invoiceId: string, input: NewReminder): Promise<Reminder> {
  const { reminder, drafts } = await unitOfWork(scope, async (ctx) => {
    const invoice = await lockInvoice(ctx, invoiceId);
    if (invoice.status !== 'draft' && !isUnpaid(invoice.status)) {
      throw new AppError('invoice_closed', `The invoice is ${invoice.status}: there is nothing to remind of.`);
    }
    await checkPaymentLinks(ctx, [input.messageTemplate], () => 'message_template');
    const added = await addReminders(ctx, invoice, [input]);
    const [first] = added.reminders;
    if (!first) throw new Error('One was added');
    audit(ctx, 'reminder.create', { type: 'invoice', id: invoiceId }, ['days_before_due', 'send_at_time'], undefined, {
      item: first.id,
    });
    await settleFlow(ctx, invoice, 'invoiceChanged');
    return { reminder: first, drafts: added.drafts };
  });
  submitTemplatesSoon(scope, drafts);
  return reminder;
}

/**
 * Adds reminders to an invoice whose row is locked, and plans them unless it is a draft. Answers the drafts of
 * templates that have to be submitted after the commit. `path` names a reminder's place in the request. Of equal ones
 * the second is refused or, where nobody has named them together with this due date, left out.
 */
export async function addReminders(
  ctx: Ctx,
  invoice: Invoice,
  all: readonly NewReminder[],
  { path = (_, field) => field, equal = 'refuse' }: Adding = {},
): Promise<{ reminders: Reminder[]; drafts: string[] }> {
  if (all.length === 0) return { reminders: [], drafts: [] };
  const contact = await contactOf(ctx, invoice);
  if (!contact) throw withoutContact();
  for (const [n, { messageTemplate }] of all.entries()) {
    checkText(messageTemplate, invoiceFields, path(n, 'message_template'));
  }
  const living = await ctx.em.find(Reminder, { invoiceId: invoice.id, status: { $in: ['scheduled', 'sending'] } });
  const tenant = await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId });
  const usual = usualTime(invoice, zoneOf(invoice, contact, tenant.timezone), settingsOf(tenant).reminder_time);
  const inputs = equal === 'refuse' ? all : distinct(all, usual);
  refuseTooMany(living.length + inputs.length);
  refuseEqual([...living, ...inputs], { living: living.length, usual }, path);
  const templates = await templatesOf(ctx, inputs, { language: effectiveLocale(contact, tenant.locale), path });
  const drafts: string[] = [];
  const reminders: Reminder[] = [];
  for (const input of inputs) {
    const template = templates.get(input.messageTemplate);
    if (template?.status === 'draft') drafts.push(template.id);
    reminders.push(
      ctx.em.create(Reminder, {
        id: randomUUIDv7(),
        invoiceId: invoice.id,
        reminderType: input.reminderType,
        daysBeforeDue: input.daysBeforeDue,
        businessDays: input.businessDays ?? false,
        sendAtTime: input.sendAtTime ?? null,
        messageTemplate: input.messageTemplate,
        templateId: template?.id ?? null,
        catchUp: input.catchUp ?? 'send_once',
        shifts: [],
      }),
    );
  }
  await ctx.em.flush();
  if (invoice.status !== 'draft') await replan(ctx, invoice);
  return { reminders, drafts };
}

export const withoutContact = (): AppError =>
  new AppError('invoice_without_contact', 'The invoice has no contact, so nobody can be reminded.');

type Path = (n: number, field: string) => string;
type Adding = { path?: Path; equal?: 'refuse' | 'leave_out' };

/** The template of each text. Made in one order by everybody: two who make the same ones do not wait for each other. */
async function templatesOf(
  ctx: Ctx,
  inputs: readonly NewReminder[],
  { language, path }: { language: string; path: Path },
): Promise<Map<string, Template>> {
  const { id: channelId } = await defaultChannel(ctx.em);
  const made = new Map<string, Template>();
  const texts = inputs.map(({ messageTemplate: text }, n) => ({ text, path: path(n, 'message_template') }));
  for (const one of texts.toSorted((a, b) => (a.text < b.text ? -1 : 1))) {
    if (made.has(one.text)) continue;
    const use = { channelId, language, category: 'utility', entity: invoiceFields } as const;
    made.set(one.text, await ensureTemplate(ctx, { ...use, ...one }));
  }
  return made;
}

function refuseTooMany(count: number): void {
  if (count <= MAX_REMINDERS) return;
  throw new AppError('too_many_reminders', `An invoice has at most ${MAX_REMINDERS} reminders at a time.`);
}

type Timing = { daysBeforeDue: number; businessDays?: boolean | undefined; sendAtTime?: string | null | undefined };

function refuseEqual(all: Timing[], { living, usual }: { living: number; usual: string }, path: Path): void {
  const equal = equalReminders(all.map(timingOf), usual);
  if (!equal) return;
  throw new AppError('duplicate_reminder', 'Two reminders would say the same at the same time.', {
    errors: [{ path: path(Math.max(0, equal[1] - living), 'days_before_due'), message: 'is the time of another one' }],
  });
}

const timingOf = ({ daysBeforeDue, businessDays = false, sendAtTime }: Timing): ReminderTiming => ({
  daysBeforeDue,
  businessDays,
  sendAtTime: sendAtTime ?? null,
});

/** Without those that would say the same at the same time as one before them. */
function distinct(all: readonly NewReminder[], usual: string): NewReminder[] {
  const equal = equalReminders(all.map(timingOf), usual);
  return equal ? distinct(all.toSpliced(equal[1], 1), usual) : [...all];
}
