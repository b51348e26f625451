import type { Ctx } from '../../context.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import type { Flow } from '../../entities/flow.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { quoted } from '../../quoted.ts';
import { enqueue } from '../outbox.ts';

/** Outcomes of an invoice's flow that somebody has put an end to. */
const calledOff = ['void', 'uncollectible', 'cancelled'];

/** What the row of an invoice's flow is once it has ended so. */
export const endedAs = (outcome: string): 'cancelled' | 'completed' =>
  calledOff.includes(outcome) ? 'cancelled' : 'completed';

/**
 * Brings the row of an invoice's flow in step with its reminders, in the transaction that changed them, and has the
 * workflow look at them. A flow begins with the first reminder; one that had ended begins anew with the next. With an
 * outcome it ends, as soon as what is at the provider is settled: whoever has put an end to it has not to ask again.
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
  if (flow) await tellFlow(ctx, invoice.id, signal);
}

/** Has the workflow look at its rows; one that was lost begins anew. */
export const tellFlow = (ctx: Ctx, flowId: string, signal: string): Promise<void> =>
  enqueue(ctx, { operation: 'signal', kind: 'invoice', flowId, signal, args: {} });

/** Of an invoice that is still owed: whether any of its reminders may have reached somebody. */
const cameOf = `(select case when exists (
    select from app.reminders r where r.invoice_id = given.invoice_id and r.status in ('sent', 'unknown')
  ) then 'reminded' else 'not_reminded' end)`;

/** The word that the flow of an invoice ends with when nothing is pending any more. */
export async function endingOf(ctx: Ctx, { id, status }: Invoice, { ending }: Flow): Promise<string> {
  if (!isUnpaid(status)) return status;
  if (ending) return ending;
  await ctx.em.flush();
  const [row] = await ctx.em.execute<{ outcome: string }[]>(
    `select ${cameOf} as outcome from (select ?::uuid as invoice_id) given`,
    [id],
  );
  return row?.outcome ?? 'not_reminded';
}

/** A pause holds, but for a flow that is to end: nothing of it would ever be looked at again. */
const stillPaused = '(f.paused_at is not null and (select owed from outcome))';

/** Answers a row when there is a flow that runs now, or did until now. */
const settle = `
  with pending as (
    -- What is at the provider is known soon after its time: a row that says so still later has nobody who drives it.
    select count(*) as all, coalesce(min(planned_at) filter (where status = 'sending'), min(planned_at)) as next_at,
      bool_or(status = 'sending') as sending, bool_or(status = 'scheduled') as ahead
    from app.reminders where invoice_id = ? and status in ('scheduled', 'sending') and planned_at is not null
  ), before as (
    select status, ending from app.flows where id = ? for update
  ), outcome as (
    select coalesce(given.outcome, b.ending, ${cameOf}) as outcome, given.outcome is null as owed,
      -- What has become of the invoice stands in its own row.
      case when given.outcome = 'cancelled' then given.outcome else b.ending end as ending
    from (select ?::text as outcome, ?::uuid as invoice_id) given left join before b on true
  ), begun as (
    insert into app.flows as f (id, kind, contact_id, stage, next_action, next_action_at)
    select ?::uuid, 'invoice', ?::uuid, case when p.sending then 'sending' else 'waiting' end,
      case when p.sending then 'send' else 'remind' end, p.next_at
    from pending p where p.all > 0
    on conflict (tenant_id, id) do update set status = 'running', outcome = null, ended_at = null,
      contact_id = excluded.contact_id, updated_at = clock_timestamp(),
      stage = case when ${stillPaused} then 'paused' else excluded.stage end,
      next_action = case when ${stillPaused} then null else excluded.next_action end,
      next_action_at = case when ${stillPaused} then null else excluded.next_action_at end,
      paused_at = case when ${stillPaused} then f.paused_at end,
      pause_reason = case when ${stillPaused} then f.pause_reason end,
      -- What is planned later takes it up again.
      ending = case when not (select ahead from pending) then (select ending from outcome) end
    returning status
  ), ended as (
    update app.flows f set
      status = case when o.outcome in (${quoted(calledOff)}) then 'cancelled' else 'completed' end,
      stage = 'ended', outcome = o.outcome, ending = null, next_action = null, next_action_at = null,
      -- A pause holds until somebody resumes it, also for what is added later to an invoice that is still owed.
      paused_at = case when o.owed then f.paused_at end, pause_reason = case when o.owed then f.pause_reason end,
      ended_at = clock_timestamp() + f.clock_offset, updated_at = clock_timestamp()
    from pending p, before b, outcome o where f.id = ?::uuid and p.all = 0 and b.status = 'running'
    returning f.status
  )
  select status from begun union all select status from ended`;
