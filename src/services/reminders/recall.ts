import type { Ctx } from '../../context.ts';

/**
 * Brings reminders of an invoice whose row is locked in step with their messages. One whose message only waits in the
 * ledger is scheduled again, whatever it waits for: what is true now decides about it anew. One whose message a sender
 * has taken is being sent. Answers the ids of those that wait: they are locked, so nobody takes them before we commit.
 */
export async function recall({ em }: Ctx, invoiceId: string): Promise<Set<string>> {
  await em.flush();
  const rows = await em.execute<{ id: string; waits: boolean }[]>(
    `with written as (
       select m.key, m.status from app.messages m
       where m.key in (
         select 'reminder:' || r.id from app.reminders r where r.invoice_id = ? and r.status in ('scheduled', 'sending')
       )
       order by m.id for update
     )
     update app.reminders r set status = case written.status when 'queued' then 'scheduled' else 'sending' end,
       updated_at = clock_timestamp()
     from written where written.key = 'reminder:' || r.id returning r.id, written.status = 'queued' as waits`,
    [invoiceId],
  );
  return new Set(rows.filter(({ waits }) => waits).map(({ id }) => id));
}

/** Ends the waiting messages of reminders that have ended otherwise, for the same reason. */
export const endQueued = ({ em }: Ctx, invoiceId: string): Promise<unknown> =>
  em.execute(
    `update app.messages m set status = 'cancelled', reason = r.reason, held_until = null,
       updated_at = clock_timestamp()
     from app.reminders r
     where r.invoice_id = ? and r.status in ('missed', 'cancelled', 'skipped', 'failed')
       and m.key = 'reminder:' || r.id and m.status = 'queued'`,
    [invoiceId],
  );
