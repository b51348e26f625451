import type { Ctx } from '../../context.ts';
import { planReminders } from '../../domain/reminders.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { Tenant } from '../../entities/tenant.ts';
import { quoted } from '../../quoted.ts';
import { flowNow } from '../flows/clock.ts';
import { settingsOf } from '../settings/get.ts';
import { contactOf } from './contact.ts';
import { dueOf } from './due.ts';
import { zoneOf } from './zone.ts';
import { SAME_TIME } from '../reminders/same-time.ts';
import { takeBack } from '../reminders/take-back.ts';

/** Why a reminder will not leave that was never late: a promise held it, or its day is behind the calendar. */
const dropped = ['promised', 'out_of_range'];
/** And why not where it was due before: another one left then. */
const mayComeBack = [...dropped, SAME_TIME];
/** SQL: whether a reminder `r` that has ended may be scheduled again, by another date, promise or refund. */
export const canComeBack = `(r.status = 'missed' and r.reason in (${quoted(mayComeBack)})
  or r.status = 'cancelled' and r.reason = 'paid')`;

/**
 * Of an unpaid invoice with another due date: takes back what was dropped and is ahead now, and answers the ids. What
 * would have left before this moment stays dropped: nobody is reminded because a date was changed. `replan` has to
 * follow, and decides whether a promise still holds it.
 */
export async function restoreDropped(ctx: Ctx, invoice: Invoice): Promise<string[]> {
  await ctx.em.flush();
  const rows = await ctx.em.find(Reminder, { invoiceId: invoice.id, status: 'missed', reason: { $in: mayComeBack } });
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
  const ids = ahead.map(({ reminder }) => reminder);
  return takeBack(ctx, invoice.id, { status: 'missed', reasons: mayComeBack, ids });
}

/** Takes back what was dropped, and answers the ids. `replan` has to follow. */
export const restore = (ctx: Ctx, invoiceId: string): Promise<string[]> =>
  takeBack(ctx, invoiceId, { status: 'missed', reasons: dropped });
