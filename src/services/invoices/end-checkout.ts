import { afterCommit, logOf, reader, type Ctx, type Scope } from '../../context.ts';
import { Connection } from '../../entities/connection.ts';
import { openSecret } from '../connections/secrets.ts';

type Page = { url: string; connection_id: string };

/**
 * Of an invoice whose row is locked, and of which another sum is due than before: ends the provider's page, so that
 * nobody pays twice who still has it open. That is asked for after the commit and nobody waits for it; where it fails, a
 * payment that comes by the page is booked, or raises an alert, as any other.
 */
export async function endCheckout(ctx: Ctx, invoiceId: string): Promise<void> {
  const [page] = await ctx.em.execute<Page[]>(
    `update app.payment_pages set expires_at = clock_timestamp()
     where invoice_id = ? and expires_at > clock_timestamp() returning url, connection_id`,
    [invoiceId],
  );
  if (!page) return;
  afterCommit(ctx, (scope) => {
    expire(scope, page).catch((error: unknown) => logOf(scope).warn({ err: error }, 'a checkout was not ended'));
  });
}

async function expire(scope: Scope, { url, connection_id: connectionId }: Page): Promise<void> {
  const { deps, tenantId } = scope;
  const connection = await reader(scope).findOne(Connection, { id: connectionId, deletedAt: null });
  if (!connection?.credentials) return;
  const { access_token } = openSecret(deps, { tenantId, connectionId }, 'credentials', connection.credentials);
  const answer = await deps.stripe.expireCheckout(access_token, url);
  // The one that has just been paid has ended, and is refused.
  if (!answer.ok) logOf(scope).info({ reason: answer.reason, detail: answer.detail }, 'a checkout was not ended');
}
