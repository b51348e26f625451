import { hash, randomUUIDv7 } from 'node:crypto';
import type { CheckoutInput, CheckoutSession } from '../../adapters/stripe/types.ts';
import { reader, unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { compareAmounts } from '../../domain/money.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { causeOf, providerAway } from '../connections/account.ts';
import { payingConnection } from '../connections/paying.ts';
import { noteRefusal } from '../connections/refused.ts';
import { openSecret } from '../connections/secrets.ts';
import { amountDue } from './balance.ts';
import { getInvoice } from './get.ts';

/** Where the customer comes to after having paid. */
export const PAID_PATH = '/paid';
/** A link that a customer could not finish with any more is not worth being sent. */
const USEFUL_MS = 60 * 60 * 1000;
const MAX_SESSIONS = 4;

/** Makes a page of the provider's at which the amount due can be paid. The same amount gives the same page again. */
export async function createPaymentLink(scope: Scope, invoiceId: string): Promise<CheckoutSession> {
  const { deps, tenantId } = scope;
  const invoice = await getInvoice(scope, invoiceId);
  const amount = payable(invoice);
  const connection = await payingConnection(reader(scope));
  if (!connection) throw new AppError('no_connection', 'The tenant has no connection to Stripe with an access token.');
  const { access_token } = openSecret(
    deps,
    { tenantId, connectionId: connection.id },
    'credentials',
    connection.credentials,
  );
  const input = {
    invoiceId,
    tenantId,
    title: `Invoice ${invoice.invoiceNumber}`,
    amount,
    currency: invoice.currency,
    returnUrl: `${deps.config.publicUrl.replace(/\/+$/, '')}${PAID_PATH}`,
  };
  // A payment ends the page: after a refund the same may be due again, at another one.
  const booked = [invoice.paid, invoice.refunded];
  const session = await usefulSession(scope, { connectionId: connection.id, booked }, access_token, input);
  await unitOfWork(scope, async (ctx) => {
    audit(ctx, 'invoice.payment_link', { type: 'invoice', id: invoiceId });
    await remember(ctx, session, { invoiceId, amount, connectionId: connection.id });
  });
  return session;
}

type Payable = { invoiceId: string; amount: string; connectionId: string };

/** The page that was made last is the one that customers come to, and that a payment ends. */
async function remember({ em }: Ctx, { url, expiresAt }: CheckoutSession, of: Payable): Promise<void> {
  await em.execute(
    `insert into app.payment_pages as p (id, invoice_id, connection_id, amount, url, expires_at)
     values (?, ?, ?, ?, ?, ?)
     on conflict (tenant_id, invoice_id) do update set connection_id = excluded.connection_id,
       amount = excluded.amount, url = excluded.url, expires_at = excluded.expires_at`,
    [randomUUIDv7(), of.invoiceId, of.connectionId, of.amount, url, expiresAt],
  );
}

/** The amount that can be paid now; throws `invoice_not_open` or `nothing_due`. */
export function payable(invoice: Invoice): string {
  if (invoice.status === 'draft') throw new AppError('invoice_not_open', 'The invoice is a draft: open it first.');
  const amount = amountDue(invoice);
  if (compareAmounts(amount, '0', invoice.currency) > 0) return amount;
  throw new AppError('nothing_due', 'Nothing is due on this invoice.');
}

/** Under one key the provider answers one page, for a day and more: also when that has come to its end. */
async function usefulSession(
  scope: Scope,
  { connectionId, booked }: { connectionId: string; booked: string[] },
  accessToken: string,
  input: Omit<CheckoutInput, 'idempotencyKey'>,
): Promise<CheckoutSession> {
  for (let n = 0; n < MAX_SESSIONS; n += 1) {
    const idempotencyKey = keyOf([connectionId, n, ...booked, ...Object.values(input)]);
    const answer = await scope.deps.stripe.checkout(accessToken, { ...input, idempotencyKey });
    if (answer.ok) {
      if (answer.value.expiresAt.getTime() > Date.now() + USEFUL_MS) return answer.value;
      continue;
    }
    if (answer.reason === 'away') throw providerAway(answer);
    if (answer.reason === 'unauthorised' || answer.reason === 'forbidden') {
      await noteRefusal(scope, connectionId);
      throw new AppError('connection_refused', 'Stripe does not accept the access token.', { cause: causeOf(answer) });
    }
    throw new AppError('provider_refused', `Stripe refused to charge ${input.amount} ${input.currency}.`, {
      cause: causeOf(answer),
    });
  }
  throw new AppError('provider_unavailable', 'Stripe answers pages that have expired.', { retryAfterSeconds: 300 });
}

/** Names the invoice and the amount by what is in it, and tells nothing of them. */
const keyOf = (parts: (string | number)[]): string => `carillon-${hash('sha256', JSON.stringify(parts))}`;
