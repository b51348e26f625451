import type { Ctx } from '../../../context.ts';
import { laterBy } from '../../../domain/last-instant.ts';
import type { AuditDetail } from '../../../entities/audit-entry.ts';
import { Invoice } from '../../../entities/invoice.ts';
import { Reminder } from '../../../entities/reminder.ts';
import { canComeBack } from '../../invoices/dropped.ts';
import { settleFlow, tellFlow } from '../../invoices/flow.ts';
import { stopReminders } from '../../invoices/stop.ts';
import { replan } from '../../reminders/plan.ts';
import { endRest, isRestEnded, recall } from '../../reminders/recall.ts';
import { nothingPlanned, type ControlInput, type Controls, type ControlVerb } from './verbs.ts';
import { pauseRow, resumeRow } from './pause.ts';

/** The controls of an invoice's flow; its items are reminders. */
export const invoiceControls: Controls = {
  async pause(ctx, flow, { reason, now }) {
    if (!(await pauseRow(ctx, flow, reason, now))) return false;
    return changed(ctx, flow.id);
  },
  async resume(ctx, flow, { mode, now }) {
    const pausedMs = await resumeRow(ctx, flow, now);
    if (pausedMs === undefined) return false;
    if (mode === 'shift') {
      for (const reminder of await scheduled(ctx, flow.id)) {
        if (reminder.plannedAt) reminder.movedTo = laterBy(reminder.plannedAt, pausedMs);
      }
    }
    return changed(ctx, flow.id);
  },
  async skip(ctx, flow, { item }) {
    const reminder = await chosen(ctx, flow.id, item);
    const id = reminder?.id ?? item;
    if (reminder) await stopReminders(ctx, flow.id, 'skipped', [reminder.id]);
    // One that has left by one medium is past stopping; what still waits of it is not.
    else if (id === undefined || (await endRest(ctx, [id], 'skipped')) === 0) {
      // Nobody is told that it is skipped while it may leave after all.
      if (id !== undefined && (await mayLeave(ctx, id)) && !(await isRestEnded(ctx, id, 'skipped')))
        throw nothingPlanned();
      return false;
    }
    await changed(ctx, flow.id);
    return id === undefined || { item: id };
  },
  async 'run-now'(ctx, flow, { item, now }) {
    if (item === undefined && (await hasJustRun(ctx, flow.id, now))) return false;
    const reminder = await chosen(ctx, flow.id, item);
    if (!reminder) return false;
    reminder.movedTo = now;
    await changed(ctx, flow.id);
    return movedTo(reminder);
  },
  async reschedule(ctx, flow, { item, at }) {
    const reminder = await chosen(ctx, flow.id, item);
    if (!reminder || !at || reminder.movedTo?.getTime() === at.getTime()) return false;
    reminder.movedTo = at;
    await changed(ctx, flow.id);
    return movedTo(reminder);
  },
  async cancel(ctx, flow) {
    if (flow.ending === 'cancelled') {
      await tellFlow(ctx, flow.id, 'invoiceChanged');
      return false;
    }
    await stopReminders(ctx, flow.id, 'cancelled');
    return changed(ctx, flow.id, 'cancelled');
  },
};

/** Where it leaves now: what was asked for, or later where it is quiet then. */
const movedTo = ({ id, plannedAt }: Reminder): AuditDetail => ({
  item: id,
  ...(plannedAt && { to: plannedAt.toISOString() }),
});

/** What has not left: one that waits in the ledger, for the morning say, can be stopped and moved like any other. */
async function scheduled(ctx: Ctx, invoiceId: string): Promise<Reminder[]> {
  await recall(ctx, invoiceId);
  return ctx.em.find(
    Reminder,
    { invoiceId, status: 'scheduled', plannedAt: { $ne: null } },
    { orderBy: { plannedAt: 'asc', id: 'asc' }, refresh: true },
  );
}

/** Whether an ended flow has done what is asked for: the last item of all ends the flow, and a repeat finds that. */
export const isDone = async (
  ctx: Ctx,
  invoiceId: string,
  verb: ControlVerb,
  item: string | undefined,
): Promise<boolean> => {
  const ends = verb === 'skip' ? (['skipped'] as const) : verb === 'run-now' ? (['sent', 'unknown'] as const) : [];
  if (item === undefined) return false;
  if ((await ctx.em.count(Reminder, { id: item, invoiceId, status: { $in: [...ends] } })) > 0) return true;
  return verb === 'skip' && isRestEnded(ctx, item, 'skipped');
};

/** It is at the provider, and may come back and be tried again; or it has ended, but not for good. */
const mayLeave = async ({ em }: Ctx, id: string): Promise<boolean> =>
  (await em.execute(`select from app.reminders r where r.id = ? and (r.status = 'sending' or ${canComeBack})`, [id]))
    .length > 0;

/** So long a second "now" that names nothing is the first one, said again: nobody means two texts in a row. */
const AGAIN_MS = 10_000;

const hasJustRun = async ({ em }: Ctx, invoiceId: string, now: Date): Promise<boolean> =>
  (await em.count(Reminder, {
    invoiceId,
    status: { $nin: ['skipped', 'cancelled'] },
    movedTo: { $gt: new Date(now.getTime() - AGAIN_MS), $lte: now },
  })) > 0;

/** The reminder that is meant. One that was named and is done with is left as it is; nothing named is the next. */
async function chosen(ctx: Ctx, invoiceId: string, item: ControlInput['item']): Promise<Reminder | undefined> {
  const ahead = await scheduled(ctx, invoiceId);
  if (item === undefined) {
    const [next] = ahead;
    if (!next) throw nothingPlanned();
    return next;
  }
  const named = await ctx.em.findOne(Reminder, { id: item, invoiceId }, { refresh: true });
  if (!named) throw nothingPlanned();
  return named.status === 'scheduled' ? named : undefined;
}

async function changed(ctx: Ctx, invoiceId: string, outcome?: 'cancelled'): Promise<true> {
  await ctx.em.flush();
  const invoice = await ctx.em.findOneOrFail(Invoice, { id: invoiceId });
  await replan(ctx, invoice);
  await settleFlow(ctx, invoice, 'invoiceChanged', outcome);
  return true;
}
