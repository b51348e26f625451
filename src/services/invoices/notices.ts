import type { Ctx } from '../../context.ts';
import { sendPriority } from '../../domain/flow.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Tenant } from '../../entities/tenant.ts';
import { planMessage } from '../messages/plan.ts';
import { enqueue } from '../outbox.ts';
import { settingsOf } from '../settings/get.ts';
import { refusesMail } from '../unsubscribe/refusals.ts';
import { mailAbout } from './mail.ts';

type Notice = 'issued' | 'paid';

const keyOf = ({ id }: Pick<Invoice, 'id'>, what: Notice): string => `invoice:${id}:${what}:email`;

/**
 * Tells the contact by mail that an invoice has opened, or that it is paid, if the tenant wants it: once each, however
 * often it happens. The invoice's row is locked.
 */
export async function notify(ctx: Ctx, invoice: Invoice, what: Notice): Promise<void> {
  if (what === 'paid') await dropNotice(ctx, invoice, 'paid');
  const settings = settingsOf(await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId }));
  if (!settings.invoice_notices[what]) return;
  const mail = await mailAbout(ctx, invoice, {
    subject: settings.email_texts[`${what}_subject`],
    body: settings.email_texts[`${what}_text`],
  });
  if (!mail || (await refusesMail(ctx, mail.recipient, 'transactional'))) return;
  await planMessage(ctx, {
    ...mail,
    key: keyOf(invoice, what),
    kind: 'notice',
    topic: 'transactional',
    priority: sendPriority.message,
    catchUp: 'send_once',
  });
}

/**
 * An invoice that is closed is not announced any more, if that has not left yet. What is at the mail server is past
 * stopping, and not tried again should it come back.
 */
export async function dropNotice(ctx: Ctx, invoice: Invoice, reason: string): Promise<void> {
  const rows = await ctx.em.execute<{ id: string }[]>(
    `with notice as (
       select m.id, m.status from app.messages m
       where m.key = ? and m.status in ('queued', 'sending', 'unknown') for update
     ), unsent as (
       update app.messages m set status = 'cancelled', reason = ?, held_until = null, updated_at = clock_timestamp()
       from notice where m.id = notice.id and notice.status = 'queued'
     ), called_off as (
       update app.messages m set withdrawn = ?, updated_at = clock_timestamp()
       from notice where m.id = notice.id and notice.status <> 'queued'
     )
     select notice.id from notice join app.flows f on f.id = notice.id and f.status = 'running'`,
    [keyOf(invoice, 'issued'), reason, reason],
  );
  for (const { id } of rows) {
    await enqueue(ctx, { operation: 'signal', kind: 'message', flowId: id, signal: 'messageCancelled', args: {} });
  }
}
