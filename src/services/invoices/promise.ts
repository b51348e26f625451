import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { dateOf, dayOf } from '../../domain/calendar-day.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import { promiseOf } from '../../domain/promise.ts';
import { MAX_DAYS } from '../../domain/reminder.ts';
import { knownZone, wallClock } from '../../domain/wall-clock.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { Tenant } from '../../entities/tenant.ts';
import { AppError, invalidField } from '../../errors.ts';
import { audit } from '../audit.ts';
import { replan, type Replanned } from '../reminders/plan.ts';
import { settingsOf } from '../settings/get.ts';
import { contactOf } from './contact.ts';
import { restore } from './dropped.ts';
import { settleFlow } from './flow.ts';
import { lockInvoice } from './get.ts';
import { zoneOf } from './zone.ts';

/** `date`: `YYYY-MM-DD`, today or later in the invoice's zone, at most 3,650 days ahead. */
export type PromiseToPay = { date: string; reason?: string | undefined };

/**
 * Notes that somebody has promised to pay: until the end of that day nothing reminds. A new promise replaces it, what
 * pays the invoice ends it; the same one again changes nothing.
 */
export function promiseToPay(
  scope: Scope,
  id: string,
  { date, reason }: PromiseToPay,
): Promise<{ invoice: Invoice; moved: Replanned[] }> {
  return unitOfWork(scope, async (ctx) => {
    const invoice = await lockInvoice(ctx, id);
    if (!isUnpaid(invoice.status)) {
      const code = invoice.status === 'draft' ? 'invoice_not_open' : 'invoice_closed';
      throw new AppError(code, `The invoice is ${invoice.status}: nobody can promise to pay it.`);
    }
    const now = await databaseNow(ctx.em);
    const settings = settingsOf(await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId }));
    const timeZone = zoneOf(invoice, await contactOf(ctx, invoice), settings.timezone);
    const day = dayOf(date);
    if (day === null) throw invalid('must be a date such as 2026-12-31');
    const today = wallClock(now, knownZone(timeZone)).day;
    if (day < today) throw invalid(`must be ${dateOf(today)} or later`);
    if (day - today > MAX_DAYS) throw invalid(`must be ${dateOf(today + MAX_DAYS)} or earlier`);
    if (invoice.promisedFor === date) return { invoice, moved: [] };
    invoice.promisedFor = date;
    invoice.updatedAt = now;
    audit(ctx, 'invoice.promise', { type: 'invoice', id }, ['promised_for'], reason);
    const promise = promiseOf(date, timeZone, settings.reminder_time);
    // What somebody has put into these days by hand, before anybody promised, goes by its rule again.
    const byHand = await ctx.em.find(Reminder, { invoiceId: id, status: { $in: ['scheduled', 'sending'] } });
    for (const reminder of byHand) {
      if (promise && reminder.movedTo && reminder.movedTo < promise.endsAt) reminder.movedTo = null;
    }
    // Those as well that an earlier promise has dropped.
    await restore(ctx, id);
    const moved = await replan(ctx, invoice);
    await settleFlow(ctx, invoice, 'invoiceChanged');
    return { invoice, moved };
  });
}

const invalid = (message: string) => invalidField('date', message);
