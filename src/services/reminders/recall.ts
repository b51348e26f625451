import type { Ctx } from '../../context.ts';
import { Message } from '../../entities/message.ts';
import { keysOf, keysOfOne, mailKeyOf, messageKeyOf, reminderIn } from './keys.ts';
import { lockMessages } from './lock.ts';

/**
 * Brings reminders of an invoice whose row is locked in step with their messages. One whose message only waits in the
 * ledger is scheduled again, whatever it waits for: what is true now decides about it anew. One whose message, or mail,
 * a sender has taken is being sent. Answers the ids of those that wait: they are locked, so nobody takes them before we commit.
 */
export async function recall(ctx: Ctx, invoiceId: string): Promise<Set<string>> {
  const { em } = ctx;
  await lockMessages(ctx, invoiceId);
  await em.flush();
  const rows = await em.execute<{ id: string; waits: boolean }[]>(
    `with written as (
       select ${reminderIn('m.key')} as reminder, m.status from app.messages m
       where m.key in (${keysOf(`select id from app.reminders where invoice_id = ? and status in ('scheduled', 'sending')`)})
     ), whole as (
       select reminder,
         bool_or(status = 'queued') and bool_and(status in ('queued', 'failed', 'cancelled', 'expired')) as waits
       from written group by reminder
     )
     update app.reminders r set status = case when whole.waits then 'scheduled' else 'sending' end,
       updated_at = clock_timestamp()
     from whole where whole.reminder = r.id returning r.id, whole.waits`,
    [invoiceId],
  );
  return new Set(rows.filter(({ waits }) => waits).map(({ id }) => id));
}

/** Whether the rest of a reminder that has left by one medium was ended so already. */
export const isRestEnded = async ({ em }: Ctx, id: string, reason: 'skipped' | 'deleted'): Promise<boolean> =>
  (await em.count(Message, { key: { $in: [messageKeyOf(id), mailKeyOf(id)] }, status: 'cancelled', reason })) > 0;

const named = 'select value::uuid as id from jsonb_array_elements_text(?::jsonb)';

/** Ends the waiting messages of reminders that have ended otherwise, for the same reason. */
export const endQueued = ({ em }: Ctx, invoiceId: string): Promise<unknown> =>
  em.execute(
    `update app.messages m set status = 'cancelled', reason = r.reason, held_until = null,
       updated_at = clock_timestamp()
     from app.reminders r
     where r.invoice_id = ? and r.status in ('missed', 'cancelled', 'skipped', 'failed')
       and m.key in (${keysOfOne('r.id')}) and m.status = 'queued'`,
    [invoiceId],
  );

/**
 * Ends what still waits of reminders that have left by one medium: the mail, or the WhatsApp message. Should the other
 * come back from the provider unsent, it is not tried again. Answers how much waited.
 */
export async function endRest(
  { em }: Ctx,
  ids: readonly string[],
  reason: 'superseded' | 'skipped' | 'deleted',
): Promise<number> {
  if (ids.length === 0) return 0;
  const rows = await em.execute<unknown[]>(
    `with ended as (
       update app.messages m set status = 'cancelled', reason = ?, held_until = null, updated_at = clock_timestamp()
       where m.status = 'queued' and m.key in (${keysOf(named)}) returning ${reminderIn('m.key')} as reminder
     ), called_off as (
       update app.messages m set withdrawn = ?, updated_at = clock_timestamp()
       where m.status in ('sending', 'unknown') and m.key in (${keysOf('select reminder as id from ended')})
     )
     select reminder from ended`,
    [reason, JSON.stringify(ids), reason],
  );
  return rows.length;
}
