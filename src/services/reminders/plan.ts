import type { Ctx } from '../../context.ts';
import { LAST_INSTANT } from '../../domain/last-instant.ts';
import { planReminders, type PlannedReminder } from '../../domain/reminders.ts';
import { oneAtATime, type Placed } from '../../domain/same-time.ts';
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
import { reconsider, SAME_TIME } from './same-time.ts';
import { endReminders } from './settle.ts';
import { usualTime } from './usual-time.ts';

/** A reminder that now leaves at another time than before, or not at all. */
export type Replanned = { id: string; from: Date | null; to: Date | null; reason: string | null };

/**
 * Plans anew what has not left of an invoice whose row is locked, and answers what has changed. One whose time has come
 * is in the hands of its flow, and is left there unless its new time is in the future; the flow itself, which plans
 * before each step, leaves all of those (`ahead`) and knows what time it is for it (`now`). Messages that wait already say
 * and do what is true now.
 */
export const replan = async (ctx: Ctx, invoice: Invoice, how: How = {}): Promise<Replanned[]> =>
  (await replanAll(ctx, invoice, how)).changed;

type How = { ahead?: boolean; now?: Date };

/** The same, with all reminders of the invoice as they then are. */
export async function replanAll(
  ctx: Ctx,
  invoice: Invoice,
  { ahead = false, now: known }: How,
): Promise<{ changed: Replanned[]; all: Reminder[] }> {
  const { em } = ctx;
  const waiting = await recall(ctx, invoice.id);
  await endReminders(ctx, invoice.id);
  const all = await em.find(Reminder, { invoiceId: invoice.id }, { refresh: true });
  const open = all.filter(({ status, reason }) => status === 'scheduled' || reason === SAME_TIME);
  if (open.length === 0) return { changed: [], all };
  const [tenant, contact, now] = [
    await em.findOneOrFail(Tenant, { id: ctx.tenantId }),
    invoice.contactId ? await em.findOne(Contact, { id: invoice.contactId }) : null,
    known ?? (await flowNow(em, invoice.id)),
  ];
  const { any, told } = await reconsider(ctx, invoice.id, open, now);
  const reminders = open.filter(({ status }) => status === 'scheduled');
  const settings = settingsOf(tenant);
  const zones = {
    timeZone: zoneOf(invoice, contact, settings.timezone),
    quietZone: contact ? effectiveTimezone(contact, settings.timezone) : undefined,
  };
  const planned = new Map(
    planFor(invoice, reminders, { settings, now, left: leftOf(all), ...zones }).map((one) => [one.reminder, one]),
  );
  const changes = reminders
    .filter(({ plannedAt }) => !ahead || !plannedAt || plannedAt > now)
    .flatMap((reminder) => {
      const plan = planned.get(reminder.id);
      return plan ? apply(reminder, plan, now) : [];
    });
  const changed = told(changes);
  await em.flush();
  if (waiting.size > 0 || any) {
    for (const reminder of reminders) {
      if (waiting.has(reminder.id) && reminder.status === 'scheduled') await messagesOf(ctx, invoice, reminder);
    }
    await endQueued(ctx, invoice.id);
  }
  return { changed, all };
}

/** An invoice may be due in another zone than that in which the person sleeps. */
type Terms = {
  settings: TenantSettings;
  timeZone: string;
  quietZone: string | undefined;
  now: Date;
  left: Placed[];
};

/** Where those are that have left, or are about to. */
const leftOf = (reminders: readonly Reminder[]): Placed[] =>
  reminders.flatMap(({ status, plannedAt, shifts }) =>
    plannedAt && ['sending', 'sent', 'unknown'].includes(status) ? [{ at: plannedAt, shifts }] : [],
  );

function planFor(invoice: Invoice, reminders: Reminder[], terms: Terms): PlannedReminder[] {
  const { settings, timeZone, quietZone, now, left } = terms;
  const quietHours = quietFor(settings);
  const byHand = reminders.filter(({ movedTo }) => movedTo);
  const rules = reminders.map(({ sendAtTime, movedTo, ...rest }) => ({
    id: rest.id,
    daysBeforeDue: rest.daysBeforeDue,
    businessDays: rest.businessDays,
    catchUp: rest.catchUp,
    sendAtTime: sendAtTime ?? null,
    byHand: Boolean(movedTo),
  }));
  const byRule = planReminders({
    reminders: rules.filter((rule) => !rule.byHand),
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
  const byPerson = byHand.map((reminder) => movedByHand(reminder, quietHours, quietZone ?? timeZone));
  const defaultTime = usualTime(invoice, timeZone, settings.reminder_time);
  return oneAtATime([...byRule, ...byPerson], rules, { defaultTime, now, left });
}

/** Where somebody has put it, or when it is not quiet any more. */
function movedByHand(
  { id, movedTo }: Reminder,
  quiet: TenantSettings['quiet_hours'],
  timeZone: string,
): PlannedReminder {
  const from = movedTo ?? new Date();
  const at = (quiet && quietUntil(quiet, timeZone, from)) ?? from;
  if (at > LAST_INSTANT)
    return { reminder: id, at: LAST_INSTANT, shifts: [], outcome: 'missed', reason: 'out_of_range' };
  const shifts: Shift[] =
    at === from ? [] : [{ reason: 'quiet_hours', from: from.toISOString(), to: at.toISOString() }];
  return { reminder: id, at, shifts, outcome: 'planned' };
}

export const quietFor = ({ quiet_hours: quiet }: TenantSettings): TenantSettings['quiet_hours'] =>
  quiet?.topics.includes('reminders') ? quiet : null;

function apply(reminder: Reminder, plan: PlannedReminder, now: Date): Replanned[] {
  const from = reminder.plannedAt ?? null;
  const wasDue = from !== null && from <= now;
  const ahead = plan.outcome === 'planned' ? plan.at > now : plan.reason === 'promised' || plan.reason === SAME_TIME;
  if (wasDue && !ahead) return [];
  // One that is caught up already would else be put off each time that anybody asks.
  const missedAt = plan.outcome === 'planned' ? caughtUpFrom(plan.shifts) : undefined;
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
