import { afterCommit, logOf, type Ctx } from '../../context.ts';
import { closePages } from './close-pages.ts';

/**
 * Of an invoice whose row is locked, and of which another sum is due than before: ends the provider's pages, so that
 * nobody pays the old one who still has it open. The provider is asked after the commit and nobody waits for it; while it
 * is away the reconciler asks again. A payment that comes by the page all the same is booked as any other.
 */
export async function endCheckout(ctx: Ctx, invoiceId: string): Promise<void> {
  const pages = await ctx.em.execute<unknown[]>(
    `update app.payment_pages set ended_at = clock_timestamp()
     where invoice_id = ? and ended_at is null and expires_at > clock_timestamp() returning id`,
    [invoiceId],
  );
  if (pages.length > 0) closeSoon(ctx);
}

/** Has the provider close what has been ended, once it is committed. */
export const closeSoon = (ctx: Ctx): void =>
  afterCommit(ctx, (scope) => {
    closePages(scope).catch((error: unknown) => logOf(scope).warn({ err: error }, 'a checkout was not ended'));
  });
