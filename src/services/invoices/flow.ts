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
  outcome: string | undefined = isUnpaid(invoice.status) ? undefined : invoice.status,
): Promise<void> {
  await ctx.em.flush();
  const [flow] = await ctx.em.execute<{ status: string }[]>(settle, [
    invoice.id,
    invoice.id,
    outcome ?? null,
    invoice.id,
    invoice.id,
    invoice.contactId ?? null,
    invoice.id,
  ]);
  if (!flow) return;
  await enqueue(ctx, { operation: 'signal', kind: 'invoice', flowId: invoice.id, signal, args: {} });
}

/** Of an invoice that is still owed: whether any of its reminders may have reached somebody. */
const cameOf = `(select case when exists (
    select from app.reminders r where r.invoice_id = given.invoice_id and r.status in ('sent', 'unknown')
  ) then 'reminded' else 'not_reminded' end)`;

/** The word that the flow of an invoice ends with when nothing is pending any more. */
export async function endingOf(ctx: Ctx, { id, status }: Invoice): Promise<string> {
  if (!isUnpaid(status)) return status;
  await ctx.em.flush();
  const [row] = await ctx.em.execute<{ outcome: string }[]>(
    `select ${cameOf} as outcome from (select ?::uuid as invoice_id) given`,
    [id],
  );
  return row?.outcome ?? 'not_reminded';
}

/** Answers a row when there is a flow that runs now, or did until now. */
const settle = `
  with pending as (
    select count(*) as all, min(planned_at) filter (where status = 'scheduled') as next_at,
      bool_or(status = 'sending') as sending
    from app.reminders where invoice_id = ? and status in ('scheduled', 'sending') and planned_at is not null
  ), before as (
    select status from app.flows where id = ? for update
  ), outcome as (
    select coalesce(given.outcome, ${cameOf}) as outcome, given.outcome is null as owed
    from (select ?::text as outcome, ?::uuid as invoice_id) given
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
    update app.flows f set status = case when o.outcome in ('void', 'uncollectible', 'cancelled') then 'cancelled' else 'completed' end,
      stage = 'ended', outcome = o.outcome, next_action = null, next_action_at = null,
      -- A pause holds until somebody resumes it, also for what is added later to an invoice that is still owed.
      paused_at = case when o.owed then f.paused_at end, pause_reason = case when o.owed then f.pause_reason end,
      ended_at = clock_timestamp() + f.clock_offset, updated_at = clock_timestamp()
    from pending p, before b, outcome o where f.id = ?::uuid and p.all = 0 and b.status = 'running'
    returning f.status
  )
  select status from begun union all select status from ended`;
