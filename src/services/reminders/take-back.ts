import type { Ctx } from '../../context.ts';
import { Reminder } from '../../entities/reminder.ts';
import { keysOf } from './keys.ts';
import { lockMessages } from './lock.ts';

/** Which of those that ended: as what, why, of these ids alone, planned after an instant alone. */
type Ended = { status: 'missed' | 'cancelled'; reasons: readonly string[]; ids?: readonly string[]; after?: Date };

/**
 * Schedules reminders that have ended again, and the messages that waited for them, in the caller's transaction; the
 * newest of those for the same days and time, and none beside another one of these. Answers their ids. `replan` has to
 * follow.
 */
export async function takeBack(ctx: Ctx, invoiceId: string, { status, reasons, ids, after }: Ended): Promise<string[]> {
  await lockMessages(ctx, invoiceId);
  await ctx.em.flush();
  const [why, named, since] = [JSON.stringify(reasons), ids ? JSON.stringify(ids) : null, after ?? null];
  const rows = await ctx.em.execute<{ id: string }[]>(
    `with back as (
       update app.reminders r set status = 'scheduled', reason = null, ended_at = null, updated_at = clock_timestamp()
       where r.id in (
         select distinct on (d.days_before_due, d.business_days, coalesce(d.send_at_time, '')) d.id
         from app.reminders d
         where d.invoice_id = ? and d.status = ?
           and d.reason in (select jsonb_array_elements_text(?::jsonb))
           and (?::jsonb is null or d.id in (select jsonb_array_elements_text(?::jsonb)::uuid))
           and (?::timestamptz is null or d.planned_at > ?)
         order by d.days_before_due, d.business_days, coalesce(d.send_at_time, ''), d.id desc
       ) and not exists (
         select from app.reminders o
         where o.invoice_id = r.invoice_id and o.status in ('scheduled', 'sending')
           and o.days_before_due = r.days_before_due and o.business_days = r.business_days
           and o.send_at_time is not distinct from r.send_at_time
       )
       returning r.id
     ), waiting as (
       update app.messages m set status = 'queued', reason = null, withdrawn = null, updated_at = clock_timestamp()
       where m.key in (${keysOf('select id from back')}) and m.status = 'cancelled'
         and m.reason in (select jsonb_array_elements_text(?::jsonb))
     )
     select id from back`,
    [invoiceId, status, why, named, named, since, since, why],
  );
  if (rows.length > 0) await ctx.em.find(Reminder, { invoiceId }, { refresh: true });
  return rows.map(({ id }) => id);
}
