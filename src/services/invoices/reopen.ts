import type { Ctx } from '../../context.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { flowNow } from '../flows/clock.ts';
import { takeBack } from '../reminders/take-back.ts';

/**
 * Of an invoice that is owed again: takes back what its payment has cancelled and is still ahead, in the caller's
 * transaction, and answers their ids. What would have left meanwhile stays cancelled, also what was at the provider when
 * it was paid and comes back unsent: nobody is reminded in the moment of a refund. `replan` has to follow.
 */
export async function restoreReminders(ctx: Ctx, { id }: Invoice): Promise<string[]> {
  return takeBack(ctx, id, { status: 'cancelled', reasons: ['paid'], after: await flowNow(ctx.em, id) });
}
