import { LockMode } from '@mikro-orm/core';
import type { InboundMessage } from '../../adapters/whatsapp/types.ts';
import type { Ctx } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { readPaidReplies, type PaidReplies } from '../../domain/paid-replies.ts';
import { Flow } from '../../entities/flow.ts';
import { Tenant } from '../../entities/tenant.ts';
import { raiseAlert } from '../alerts/raise.ts';
import { audit } from '../audit.ts';
import { invoiceControls } from '../flows/controls/invoice.ts';
import { amountDue } from '../invoices/balance.ts';
import { lockInvoice } from '../invoices/get.ts';
import { pay } from '../invoices/pay.ts';
import type { ReadWebhook } from '../messages/apply-statuses.ts';
import type { StoredInbound } from './store.ts';

/** So long after a reminder its answer is still about it. */
const ANSWERED_WITHIN = '7 days';

/** What the tenant takes for "paid", where somebody wrote anything at all. */
export async function paidRepliesFor(ctx: Ctx, webhooks: ReadWebhook[]): Promise<PaidReplies> {
  if (webhooks.every(({ content }) => content.inbound.length === 0)) return readPaidReplies(null);
  return readPaidReplies((await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId })).settings);
}

/**
 * A person wrote that an invoice is paid: the one whose reminder is quoted, or the only one that is open and that the
 * person was reminded of lately. The locks of `lockTouched` are held. Where it is not clear which, also because the
 * reminder was long ago, a person is told and nothing is changed.
 */
export async function heedPaidReply(
  ctx: Ctx,
  inbound: StoredInbound,
  { repliesTo }: Pick<InboundMessage, 'repliesTo'>,
  action: PaidReplies['paid_reply_action'],
): Promise<void> {
  const { contact_id: contactId } = inbound;
  if (contactId === null) return;
  const reminded = await remindedOf(ctx, inbound.id);
  if (reminded.length === 0) return;
  const quoted = reminded.find((invoice) => invoice.quoted);
  const lately = reminded.filter((invoice) => invoice.lately);
  const meant = quoted ?? (repliesTo === undefined && lately.length === 1 ? lately[0] : undefined);
  if (!meant) {
    const detail = 'A customer wrote that an invoice is paid, and it is not clear which one: nothing was changed.';
    return raiseAlert(ctx, { kind: 'paid_reply', subject: contactId, detail });
  }
  if (action === 'book') return book(ctx, meant.id, inbound);
  await hold(ctx, meant.id);
}

/** The open invoices that the person was reminded of: whether by the message that is quoted, and whether lately. */
const remindedOf = ({ em }: Ctx, inboundId: string) =>
  em.execute<{ id: string; quoted: boolean; lately: boolean }[]>(
    `select i.id, coalesce(bool_or(m.id = b.message_id), false) as quoted,
       coalesce(bool_or(m.claimed_at > b.at - interval '${ANSWERED_WITHIN}'), false) as lately
     from app.inbound_messages b
     join app.messages m on m.contact_id = b.contact_id and m.kind = 'reminder'
     join app.invoices i on i.id = m.flow_id and i.status in ('open', 'partially_paid')
     where b.id = ? and m.status in ('sent', 'delivered', 'read')
       and (m.id = b.message_id or m.claimed_at <= b.at + interval '1 minute')
     group by i.id`,
    [inboundId],
  );

async function book(ctx: Ctx, id: string, inbound: StoredInbound): Promise<void> {
  const invoice = await lockInvoice(ctx, id);
  const reference = `reply:${inbound.id}`;
  await pay(ctx, id, { amount: amountDue(invoice), reference, source: 'reply', paidAt: new Date(inbound.at) });
}

/** A customer's word is not money: reminders wait until a person has looked, as if that person had paused them. */
async function hold(ctx: Ctx, id: string): Promise<void> {
  const flow = await ctx.em.findOne(Flow, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  const reason = 'The customer wrote that it is paid.';
  if (flow?.status === 'running') {
    const paused = await invoiceControls.pause?.(ctx, flow, { reason, now: await databaseNow(ctx.em) });
    if (paused) audit(ctx, 'flow.pause', { type: 'flow', id }, [], reason);
  }
  const detail =
    flow?.status === 'running'
      ? `${reason} Its reminders wait: book the payment, or resume the flow.`
      : `${reason} No reminder was left to hold: book the payment. One that is added now is sent.`;
  await raiseAlert(ctx, { kind: 'paid_reply', subject: id, detail });
}
