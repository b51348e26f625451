import type { Ctx } from '../../context.ts';
import { planReminders } from '../../domain/reminders.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { Tenant } from '../../entities/tenant.ts';
import { flowNow } from '../flows/clock.ts';
import { settingsOf } from '../settings/get.ts';
import { contactOf } from './contact.ts';
import { dueOf } from './due.ts';
import { zoneOf } from './zone.ts';

/** Why a reminder will not leave that was never late: a promise held it, or its day is behind the calendar. */
const dropped = ['promised', 'out_of_range'];

/**
 * Of an unpaid invoice with another due date: takes back what was dropped and is ahead now, and answers the ids. What
 * would have left before this moment stays dropped: nobody is reminded because a date was changed. `replan` has to
 * follow, and decides whether a promise still holds it.
 */
export async function restoreDropped(ctx: Ctx, invoice: Invoice): Promise<string[]> {
  await ctx.em.flush();
  const rows = await ctx.em.find(Reminder, { invoiceId: invoice.id, status: 'missed', reason: { $in: dropped } });
  if (rows.length === 0) return [];
  const settings = settingsOf(await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId }));
  const plan = planReminders({
    reminders: rows.map(({ id, daysBeforeDue, businessDays, catchUp, sendAtTime = null }) => ({
      id,
      daysBeforeDue,
      businessDays,
      catchUp,
      sendAtTime,
    })),
    due: dueOf(invoice),
    timeZone: zoneOf(invoice, await contactOf(ctx, invoice), settings.timezone),
    holidays: settings.holidays,
    weekend: settings.weekend,
    quietHours: null,
    jitterSeconds: 0,
    defaultTime: settings.reminder_time,
    now: await flowNow(ctx.em, invoice.id),
  });
  const ahead = plan.filter(
    ({ outcome, shifts }) => outcome === 'planned' && shifts.every(({ reason }) => reason !== 'catch_up'),
  );
  const wanted = ahead.map(({ reminder }) => reminder);
  return restore(ctx, invoice.id, wanted);
}

/**
 * Takes back what was dropped, all of it or those named, and the message that waited for it; not beside another one of
 * the same days and time. Answers the ids. `replan` has to follow.
 */
export async function restore(ctx: Ctx, invoiceId: string, ids?: readonly string[]): Promise<string[]> {
  await ctx.em.flush();
  const named = ids ? JSON.stringify(ids) : null;
  const rows = await ctx.em.execute<{ id: string }[]>(
    `with back as (
       update app.reminders r set status = 'scheduled', reason = null, ended_at = null, updated_at = clock_timestamp()
       where r.id in (
         select distinct on (d.days_before_due, d.business_days, coalesce(d.send_at_time, '')) d.id
         from app.reminders d
         where d.invoice_id = ? and d.status = 'missed'
           and d.reason in (select jsonb_array_elements_text(?::jsonb))
           and (?::jsonb is null or d.id in (select jsonb_array_elements_text(?::jsonb)::uuid))
         order by d.days_before_due, d.business_days, coalesce(d.send_at_time, ''), d.id desc
       ) and not exists (
         select from app.reminders o
         where o.invoice_id = r.invoice_id and o.status in ('scheduled', 'sending')
           and o.days_before_due = r.days_before_due and o.business_days = r.business_days
           and o.send_at_time is not distinct from r.send_at_time
       )
       returning r.id
     ), waiting as (
       update app.messages m set status = 'queued', reason = null, updated_at = clock_timestamp()
       from back where m.key in ('reminder:' || back.id, 'reminder:' || back.id || ':email')
         and m.status = 'cancelled' and m.reason in (select jsonb_array_elements_text(?::jsonb))
     )
     select id from back`,
    [invoiceId, JSON.stringify(dropped), named, named, JSON.stringify(dropped)],
  );
  if (rows.length > 0) await ctx.em.find(Reminder, { invoiceId }, { refresh: true });
  return rows.map(({ id }) => id);
}
