import { keysOfOne } from './keys.ts';

/**
 * SQL that ends the reminders of flows that nobody drives any more: those that `flows` selects, in the statement that
 * takes their queued messages out of the ledger. One of which a medium has left was sent; what is at the provider is
 * told by whoever settles that.
 */
export const endReminderRows = (flows: string, reason: 'flow_cancelled' | 'tenant_deleted'): string => `
  update app.reminders r set
    status = case when written.left_by_one then 'sent' else 'cancelled' end,
    reason = case when written.left_by_one then null else '${reason}' end,
    ended_at = clock_timestamp(), updated_at = clock_timestamp()
  from ${flows} join app.reminders o on o.invoice_id = ${flows}.id, lateral (
    select coalesce(bool_or(m.status in ('sent', 'delivered', 'read')), false) as left_by_one,
      coalesce(bool_or(m.status in ('sending', 'unknown')), false) as under_way
    from app.messages m where m.key in (${keysOfOne('o.id')})
  ) written
  where r.id = o.id and (o.status = 'scheduled' or o.status = 'sending' and not written.under_way)`;
