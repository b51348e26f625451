import type { Ctx } from '../../context.ts';
import { planReminders, type PlannedReminder } from '../../domain/reminders.ts';
import type { Shift } from '../../domain/reminder-shift.ts';
import { quietUntil } from '../../domain/quiet-hours.ts';
import { Contact } from '../../entities/contact.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { Tenant } from '../../entities/tenant.ts';
import { effectiveTimezone } from '../contacts/timezone.ts';
import { flowNow } from '../flows/clock.ts';
import { dueOf } from '../invoices/due.ts';
import { zoneOf } from '../invoices/zone.ts';
import { settingsOf, type TenantSettings } from '../settings/get.ts';
import { messagesOf } from './messages.ts';
import { endQueued, recall } from './recall.ts';
import { endReminders } from './settle.ts';

/** A reminder that now leaves at another time than before, or not at all. */
export type Replanned = { id: string; from: Date | null; to: Date | null; reason: string | null };

/**
 * Plans anew what has not left of an invoice whose row is locked, and answers what has changed. One whose time has come
 * is in the hands of its flow, and is left there unless its new time is in the future; the flow itself, which plans
 * before each step, leaves all of those (`ahead`) and knows what time it is for it (`now`). Messages that wait already say and do what is true now.
 */
export async function replan(
  ctx: Ctx,
  invoice: Invoice,
  { ahead = false, now: known }: { ahead?: boolean; now?: Date } = {},
): Promise<Replanned[]> {
  const { em } = ctx;
  const waiting = await recall(ctx, invoice.id);
  await endReminders(ctx, invoice.id);
  const reminders = await em.find(Reminder, { invoiceId: invoice.id, status: 'scheduled' }, { refresh: true });
  if (reminders.length === 0) return [];
  const [tenant, contact, now] = [
    await em.findOneOrFail(Tenant, { id: ctx.tenantId }),
    invoice.contactId ? await em.findOne(Contact, { id: invoice.contactId }) : null,
    known ?? (await flowNow(em, invoice.id)),
  ];
  const settings = settingsOf(tenant);
  const zones = {
    timeZone: zoneOf(invoice, contact, settings.timezone),
    quietZone: contact ? effectiveTimezone(contact, settings.timezone) : undefined,
  };
  const planned = new Map(planFor(invoice, reminders, { settings, now, ...zones }).map((one) => [one.reminder, one]));
  const changes = reminders
    .filter(({ plannedAt }) => !ahead || !plannedAt || plannedAt > now)
    .flatMap((reminder) => {
      const plan = planned.get(reminder.id);
      return plan ? apply(reminder, plan, now) : [];
    });
  await em.flush();
  if (waiting.size > 0) {
    for (const reminder of reminders) {
      if (waiting.has(reminder.id) && reminder.status === 'scheduled') await messagesOf(ctx, invoice, reminder);
    }
    await endQueued(ctx, invoice.id);
  }
  return changes;
}

/** An invoice may be due in another zone than that in which the person sleeps. */
type Terms = { settings: TenantSettings; timeZone: string; quietZone: string | undefined; now: Date };

function planFor(invoice: Invoice, reminders: Reminder[], terms: Terms): PlannedReminder[] {
  const { settings, timeZone, quietZone, now } = terms;
  const quietHours = quietFor(settings);
  const byHand = reminders.filter(({ movedTo }) => movedTo);
  const byRule = planReminders({
    reminders: reminders
      .filter(({ movedTo }) => !movedTo)
      .map(({ sendAtTime, ...rest }) => ({
        id: rest.id,
        daysBeforeDue: rest.daysBeforeDue,
        businessDays: rest.businessDays,
        catchUp: rest.catchUp,
        sendAtTime: sendAtTime ?? null,
      })),
    due: dueOf(invoice),
    timeZone,
    holidays: settings.holidays,
    weekend: settings.weekend,
    quietHours,
    quietZone,
    jitterSeconds: settings.jitter_seconds,
    defaultTime: settings.reminder_time,
    promisedFor: invoice.promisedFor,
    now,
  });
  return [...byRule, ...byHand.map((reminder) => movedByHand(reminder, quietHours, quietZone ?? timeZone))];
}

/** Where somebody has put it, or when it is not quiet any more. */
function movedByHand(
  { id, movedTo }: Reminder,
  quiet: TenantSettings['quiet_hours'],
  timeZone: string,
): PlannedReminder {
  const from = movedTo ?? new Date();
  const at = (quiet && quietUntil(quiet, timeZone, from)) ?? from;
  const shifts: Shift[] =
    at === from ? [] : [{ reason: 'quiet_hours', from: from.toISOString(), to: at.toISOString() }];
  return { reminder: id, at, shifts, outcome: 'planned' };
}

export const quietFor = ({ quiet_hours: quiet }: TenantSettings): TenantSettings['quiet_hours'] =>
  quiet?.topics.includes('reminders') ? quiet : null;

function apply(reminder: Reminder, plan: PlannedReminder, now: Date): Replanned[] {
  const from = reminder.plannedAt ?? null;
  const wasDue = from !== null && from <= now;
  if (wasDue && (plan.outcome === 'missed' ? plan.reason !== 'promised' : plan.at <= now)) return [];
  // One that is caught up already would else be put off each time that anybody asks.
  const missedAt = caughtUpFrom(plan.shifts);
  if (from && missedAt !== undefined && missedAt === caughtUpFrom(reminder.shifts)) return [];
  reminder.plannedAt = plan.at;
  reminder.shifts = plan.shifts;
  if (plan.outcome === 'missed') {
    reminder.status = 'missed';
    reminder.reason = plan.reason;
    reminder.endedAt = now;
    reminder.updatedAt = now;
    return [{ id: reminder.id, from, to: null, reason: plan.reason }];
  }
  if (from?.getTime() === plan.at.getTime()) return [];
  reminder.updatedAt = now;
  return [{ id: reminder.id, from, to: plan.at, reason: null }];
}

const caughtUpFrom = (shifts: readonly { reason: string; from: string }[]): string | undefined =>
  shifts.find(({ reason }) => reason === 'catch_up')?.from;
