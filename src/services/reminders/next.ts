import { unitOfWork, type Ctx, type Deps } from '../../context.ts';
import { lapseOf } from '../../domain/catch-up.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import { summarizeReminder } from '../../domain/reminder-wording.ts';
import { Flow } from '../../entities/flow.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { contactOf } from '../invoices/contact.ts';
import { endedAs, endingOf } from '../invoices/flow.ts';
import { lockInvoice } from '../invoices/get.ts';
import { stopReminders } from '../invoices/stop.ts';
import { flowScope } from '../scope.ts';
import { USEFUL_MS } from './message.ts';
import { messagesOf, writtenOf, type Written } from './messages.ts';
import { replanAll } from './plan.ts';
import { endQueued, endRest } from './recall.ts';
import { endReminders } from './settle.ts';

/**
 * What the flow of an invoice does now. `wait` until an instant (ISO 8601), which is `waitMs` milliseconds away, or
 * without one until somebody says that something has changed; `send` a message that is in the ledger; `end`, since
 * nothing is pending any more.
 */
export type NextStep =
  | ({ step: 'wait'; stage: string; summary: string } & ({ until: null } | { until: string; waitMs: number }))
  | ({ step: 'send'; summary: string; nextMs?: number } & Written)
  | { step: 'end'; outcome: string };

export type InvoiceRef = { tenantId: number; invoiceId: string };

/**
 * Decides by the rows what comes next, as often as anybody asks: the invoice's row is locked, so a payment comes before
 * or after. What was missed while everything stood still follows its `catch_up` here.
 */
export function nextReminder(deps: Deps, { tenantId, invoiceId }: InvoiceRef): Promise<NextStep> {
  return unitOfWork(flowScope(deps, tenantId, invoiceId), async (ctx) => {
    const invoice = await lockInvoice(ctx, invoiceId);
    const flow = await ctx.em.findOne(Flow, { id: invoiceId }, { populate: ['now'] });
    if (flow?.status !== 'running') {
      await endReminders(ctx, invoiceId);
      return { step: 'end', outcome: flow?.outcome ?? invoice.status };
    }
    // One that is to end does, whoever pauses it: nobody would ever resume it.
    if (flow.pausedAt && !flow.ending && isUnpaid(invoice.status)) {
      await endReminders(ctx, invoiceId);
      return { step: 'wait', until: null, stage: 'paused', summary: 'Paused by hand' };
    }
    if (!(await contactOf(ctx, invoice))) await stopReminders(ctx, invoiceId, 'contact_gone');
    // The contact, the settings and the amount may be others than when it was planned.
    const { now } = flow;
    let all = inOrder((await replanAll(ctx, invoice, { ahead: true, now })).all);
    // What one medium still has to say gives way to the next reminder: nothing may stand before that.
    if ((await endRest(ctx, overtaken(all, now), 'superseded')) > 0) {
      await endReminders(ctx, invoiceId);
      all = inOrder(await ctx.em.find(Reminder, { invoiceId }, { refresh: true }));
    }
    const pending = all.filter(isPending);
    const due = pending.filter((reminder) => isDue(reminder, now));
    for (const reminder of due) {
      const reason = lapsed(reminder, due, now) ?? (await begin(ctx, invoice, reminder, flow));
      if (typeof reason !== 'string') {
        await endUnsent(ctx, invoiceId, due);
        const after = pending.find((other) => !isDue(other, now))?.plannedAt;
        return show(flow, reminder, { ...reason, ...(after && { nextMs: after.getTime() - now.getTime() }) }, all);
      }
      Object.assign(reminder, {
        status: reason === 'too_late' || reason === 'superseded' ? 'missed' : 'failed',
        reason,
        endedAt: now,
        updatedAt: now,
      });
    }
    await endUnsent(ctx, invoiceId, due);
    const next = pending.find((reminder) => !due.includes(reminder));
    if (next?.plannedAt) {
      const [until, waitMs] = [next.plannedAt.toISOString(), next.plannedAt.getTime() - now.getTime()];
      return show(flow, next, { step: 'wait', until, waitMs, stage: 'waiting' }, all);
    }
    const outcome = await endingOf(ctx, invoice, flow);
    Object.assign(flow, {
      status: endedAs(outcome),
      stage: 'ended',
      outcome,
      ending: null,
      nextAction: null,
      nextActionAt: null,
      endedAt: now,
      updatedAt: now,
    });
    return { step: 'end', outcome };
  });
}

/** Those that have a time, in its order, whatever became of them. */
const inOrder = (reminders: readonly Reminder[]): Reminder[] =>
  reminders
    .filter(({ plannedAt }) => plannedAt)
    .toSorted((a, b) => Number(a.plannedAt) - Number(b.plannedAt) || (a.id < b.id ? -1 : 1));

const isDue = ({ status, plannedAt }: Reminder, now: Date): boolean =>
  status === 'sending' || Number(plannedAt) <= now.getTime();

/** Those that are being sent while the time of a later one has come. */
const overtaken = (all: Reminder[], now: Date): string[] =>
  all
    .filter(({ status }) => status === 'sending')
    .filter((reminder) =>
      all.some(
        (other) => isPending(other) && isDue(other, now) && Number(other.plannedAt) > Number(reminder.plannedAt),
      ),
    )
    .map(({ id }) => id);

const isPending = ({ status }: Reminder): boolean => status === 'scheduled' || status === 'sending';
const hasEnded = ({ status }: Reminder): boolean => ['sent', 'unknown', 'failed', 'missed'].includes(status);

/** Takes what waits in the ledger of those that have just ended out of it. */
async function endUnsent(ctx: Ctx, invoiceId: string, due: Reminder[]): Promise<void> {
  await ctx.em.flush();
  if (!due.every(isPending)) await endQueued(ctx, invoiceId);
}

function lapsed(reminder: Reminder, due: Reminder[], now: Date): 'too_late' | 'superseded' | null {
  if (reminder.status === 'sending') return null;
  return lapseOf({
    catchUp: reminder.catchUp,
    latestUsefulAt: new Date(Number(reminder.plannedAt) + USEFUL_MS),
    newerIsDue: due.some((other) => other.catchUp !== 'drop' && Number(other.plannedAt) > Number(reminder.plannedAt)),
    now,
  });
}

/** `nextMs`: how long it is to the reminder after it, which waits for nothing that this one waits for. */
type Begun = { step: 'send'; nextMs?: number } & Written;

async function begin(ctx: Ctx, invoice: Invoice, reminder: Reminder, { ending, now }: Flow): Promise<Begun | string> {
  // What was called off is only seen through: nothing is written for a medium that has become possible since.
  const message = ending ? await writtenOf(ctx, reminder) : await messagesOf(ctx, invoice, reminder);
  if ('reason' in message) return message.reason;
  if (reminder.status === 'scheduled') Object.assign(reminder, { status: 'sending', updatedAt: now });
  return { step: 'send', ...message };
}

type Shown = Begun | { step: 'wait'; until: string; waitMs: number; stage: string };

/** The same in the flow's row and in the words that the workflow shows. */
function show(flow: Flow, reminder: Reminder, step: Shown, all: Reminder[]): NextStep {
  const sending = step.step === 'send';
  Object.assign(flow, {
    stage: sending ? 'sending' : step.stage,
    nextAction: sending ? 'send' : 'remind',
    nextActionAt: reminder.plannedAt,
  });
  // One that was skipped or cancelled is none of them.
  const counted = all.filter((one) => isPending(one) || hasEnded(one));
  const position = counted.filter(hasEnded).length + counted.filter(isPending).indexOf(reminder) + 1;
  const summary = summarizeReminder(
    {
      daysBeforeDue: reminder.daysBeforeDue,
      businessDays: reminder.businessDays,
      sendAtTime: reminder.sendAtTime ?? null,
    },
    { movedByHand: Boolean(reminder.movedTo), position, count: counted.length },
  );
  return { ...step, summary };
}
