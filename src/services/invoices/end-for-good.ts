import type { Ctx } from '../../context.ts';
import { flowNow } from '../flows/clock.ts';
import { keysOf } from '../reminders/keys.ts';
import { lockMessages } from '../reminders/lock.ts';
import { SAME_TIME } from '../reminders/same-time.ts';
import { canComeBack } from './dropped.ts';
import type { StopReason } from './stop.ts';

/**
 * Ends what would come back with another date, promise or refund: all of those reminders of an invoice whose row is
 * locked, or of the ones named. Answers how many that were. They were not planned, so nobody is told that they are
 * stopped.
 */
export function endForGood(ctx: Ctx, invoiceId: string, reason: StopReason, ids?: readonly string[]): Promise<number> {
  const named = ids ? JSON.stringify(ids) : null;
  const which = `${canComeBack} and (?::jsonb is null or r.id in (select jsonb_array_elements_text(?::jsonb)::uuid))`;
  return endAnew(ctx, invoiceId, reason, { which, values: [named, named] });
}

/** Ends those that stayed behind for another one, and would leave in its place. */
export async function endBehind(ctx: Ctx, invoiceId: string, reason: StopReason): Promise<number> {
  const which = `r.status = 'missed' and r.reason = '${SAME_TIME}' and r.planned_at > ?`;
  return endAnew(ctx, invoiceId, reason, { which, values: [await flowNow(ctx.em, invoiceId)] });
}

/** Has reminders `r` that have ended, those that fit, end for this reason instead, and their messages with them. */
async function endAnew(
  ctx: Ctx,
  invoiceId: string,
  reason: StopReason,
  { which, values }: { which: string; values: unknown[] },
): Promise<number> {
  await lockMessages(ctx, invoiceId);
  const rows = await ctx.em.execute<unknown[]>(
    `with ended as (
       update app.reminders r set status = 'cancelled', reason = ?, ended_at = clock_timestamp(),
         updated_at = clock_timestamp()
       where r.invoice_id = ? and ${which}
       returning r.id
     ), unsent as (
       update app.messages m set reason = ?, updated_at = clock_timestamp()
       where m.status = 'cancelled' and m.key in (${keysOf('select id from ended')})
     )
     select id from ended`,
    [reason, invoiceId, ...values, reason],
  );
  return rows.length;
}
