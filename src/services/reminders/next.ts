import { unitOfWork, type Ctx, type Deps } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { lapseOf } from '../../domain/catch-up.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import { summarizeReminder } from '../../domain/reminder-wording.ts';
import { Flow } from '../../entities/flow.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { contactOf } from '../invoices/contact.ts';
import { lockInvoice } from '../invoices/get.ts';
import { stopReminders } from '../invoices/stop.ts';
import { flowScope } from '../scope.ts';
import { messageOf, USEFUL_MS } from './message.ts';
import { replan } from './plan.ts';
import { endQueued } from './recall.ts';
import { endReminders, pendingReminders } from './settle.ts';

/**
 * What the flow of an invoice does now. `wait` until an instant (ISO 8601) or, without one, until somebody says that
 * something has changed; `send` a message that is in the ledger; `end`, since nothing is pending any more.
 */
export type NextStep =
  | { step: 'wait'; until: string | null; stage: string; summary: string }
  | { step: 'send'; messageId: string; summary: string }
  | { step: 'end'; outcome: string };

export type InvoiceRef = { tenantId: number; invoiceId: string };

/**
 * Decides by the rows what comes next, as often as anybody asks: the invoice's row is locked, so a payment comes before
 * or after. What was missed while everything stood still follows its `catch_up` here.
 */
export function nextReminder(deps: Deps, { tenantId, invoiceId }: InvoiceRef): Promise<NextStep> {
  return unitOfWork(flowScope(deps, tenantId, invoiceId), async (ctx) => {
    const invoice = await lockInvoice(ctx, invoiceId);
    const flow = await ctx.em.findOne(Flow, { id: invoiceId });
    await endReminders(ctx, invoiceId);
    if (flow?.status !== 'running') return { step: 'end', outcome: flow?.outcome ?? invoice.status };
    if (flow.pausedAt) return { step: 'wait', until: null, stage: 'paused', summary: 'Paused by hand' };
    if (!(await contactOf(ctx, invoice))) await stopReminders(ctx, invoiceId, 'contact_gone');
    // The contact, the settings and the amount may be others than when it was planned.
    await replan(ctx, invoice, { ahead: true });
    const pending = await pendingReminders(ctx, invoiceId);
    const now = await databaseNow(ctx.em);
    const due = pending.filter(({ status, plannedAt }) => status === 'sending' || Number(plannedAt) <= now.getTime());
    for (const reminder of due) {
      const reason = lapsed(reminder, due, now) ?? (await begin(ctx, invoice, reminder, now));
      if (typeof reason !== 'string') {
        await ctx.em.flush();
        await endQueued(ctx, invoiceId);
        return show(ctx, flow, reminder, reason, pending);
      }
      Object.assign(reminder, {
        status: reason === 'too_late' || reason === 'superseded' ? 'missed' : 'failed',
        reason,
        endedAt: now,
        updatedAt: now,
      });
    }
    await ctx.em.flush();
    await endQueued(ctx, invoiceId);
    const next = pending.find((reminder) => !due.includes(reminder));
    if (next?.plannedAt) {
      return show(ctx, flow, next, { step: 'wait', until: next.plannedAt.toISOString(), stage: 'waiting' }, pending);
    }
    const outcome = isUnpaid(invoice.status) ? 'reminded' : invoice.status;
    Object.assign(flow, {
      status: 'completed',
      stage: 'ended',
      outcome,
      nextAction: null,
      nextActionAt: null,
      endedAt: now,
      updatedAt: now,
    });
    return { step: 'end', outcome };
  });
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

type Begun = { step: 'send'; messageId: string };

async function begin(ctx: Ctx, invoice: Invoice, reminder: Reminder, now: Date): Promise<Begun | string> {
  const message = await messageOf(ctx, invoice, reminder);
  if ('reason' in message) return message.reason;
  if (reminder.status === 'scheduled') Object.assign(reminder, { status: 'sending', updatedAt: now });
  return { step: 'send', messageId: message.messageId };
}

type Shown = Begun | { step: 'wait'; until: string; stage: string };

/** The same in the flow's row and in the words that the workflow shows. */
async function show(ctx: Ctx, flow: Flow, reminder: Reminder, step: Shown, pending: Reminder[]): Promise<NextStep> {
  const sending = step.step === 'send';
  Object.assign(flow, {
    stage: sending ? 'sending' : step.stage,
    nextAction: sending ? 'send' : 'remind',
    nextActionAt: reminder.plannedAt,
  });
  const ended = await ctx.em.count(Reminder, {
    invoiceId: flow.id,
    status: { $in: ['sent', 'unknown', 'failed', 'missed'] },
  });
  const position =
    ended + pending.filter(({ status }) => status === 'scheduled' || status === 'sending').indexOf(reminder) + 1;
  const summary = summarizeReminder(
    {
      daysBeforeDue: reminder.daysBeforeDue,
      businessDays: reminder.businessDays,
      sendAtTime: reminder.sendAtTime ?? null,
    },
    { position, count: ended + pending.length },
  );
  return { ...step, summary };
}
