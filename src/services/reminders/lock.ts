import type { Ctx } from '../../context.ts';

/**
 * Holds what an invoice whose row is locked has in the ledger and may still change, in the order of ids. It comes before
 * any change of its reminders: whoever takes in what the provider says holds messages first too, and reminders then.
 */
export const lockMessages = ({ em }: Ctx, invoiceId: string): Promise<unknown> =>
  em.execute(
    `select from app.messages where flow_id = ? and status in ('queued', 'sending', 'unknown', 'cancelled')
     order by id for no key update`,
    [invoiceId],
  );
