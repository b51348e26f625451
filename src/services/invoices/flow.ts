import type { Ctx } from '../../context.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { enqueue } from '../outbox.ts';

/**
 * Brings the row of an invoice's flow in step with its reminders, in the transaction that changed them, and has the
 * workflow look at them. A flow begins with the first reminder; one that had ended begins anew with the next.
 */
export async function settleFlow(
  ctx: Ctx,
  invoice: Invoice,
  signal: string,
  outcome: string = isUnpaid(invoice.status) ? 'reminded' : invoice.status,
): Promise<void> {
  await ctx.em.flush();
  const [flow] = await ctx.em.execute<{ status: string }[]>(settle, [
    invoice.id,
    invoice.id,
    invoice.id,
    invoice.contactId ?? null,
    outcome,
    outcome,
    invoice.id,
  ]);
  if (!flow) return;
  await enqueue(ctx, { operation: 'signal', kind: 'invoice', flowId: invoice.id, signal, args: {} });
}

/** Answers a row when there is a flow that runs now, or did until now. */
const settle = `
  with pending as (
    select count(*) as all, min(planned_at) filter (where status = 'scheduled') as next_at,
      bool_or(status = 'sending') as sending
    from app.reminders where invoice_id = ? and status in ('scheduled', 'sending') and planned_at is not null
  ), before as (
    select status from app.flows where id = ? for update
  ), begun as (
    insert into app.flows as f (id, kind, contact_id, stage, next_action, next_action_at)
    select ?::uuid, 'invoice', ?::uuid, case when p.sending then 'sending' else 'waiting' end,
      case when p.sending then 'send' else 'remind' end, p.next_at
    from pending p where p.all > 0
    on conflict (tenant_id, id) do update set status = 'running', outcome = null, ended_at = null,
      contact_id = excluded.contact_id, updated_at = clock_timestamp(),
      stage = case when f.paused_at is null then excluded.stage else 'paused' end,
      next_action = case when f.paused_at is null then excluded.next_action end,
      next_action_at = case when f.paused_at is null then excluded.next_action_at end
    returning status
  ), ended as (
    update app.flows f set status = case when ? in ('void', 'uncollectible', 'cancelled') then 'cancelled' else 'completed' end,
      stage = 'ended', outcome = ?, next_action = null, next_action_at = null, paused_at = null, pause_reason = null,
      ended_at = clock_timestamp(), updated_at = clock_timestamp()
    from pending p, before b where f.id = ?::uuid and p.all = 0 and b.status = 'running'
    returning f.status
  )
  select status from begun union all select status from ended`;
