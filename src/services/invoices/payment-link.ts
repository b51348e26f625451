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
import { closeSoon } from './end-checkout.ts';
import { getInvoice, lockInvoice } from './get.ts';

/** Where the customer comes to after having paid. */
export const PAID_PATH = '/paid';
/** A link that a customer could not finish with any more is not worth being sent. */
const USEFUL_MS = 60 * 60 * 1000;
const MAX_SESSIONS = 4;
/** How often what is due may become another sum while a page over it is made. */
const MAX_TRIES = 3;

/** Makes a page of the provider's at which the amount due can be paid. The same amount gives the same page again. */
export async function createPaymentLink(scope: Scope, invoiceId: string): Promise<CheckoutSession> {
  for (let n = 0; n < MAX_TRIES; n += 1) {
    const { session, of } = await makePage(scope, invoiceId);
    if (await unitOfWork(scope, (ctx) => remember(ctx, session, of))) return session;
  }
  throw new AppError('conflict', 'The amount due has changed meanwhile: ask again.');
}

async function makePage(scope: Scope, invoiceId: string): Promise<{ session: CheckoutSession; of: Payable }> {
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
  // What changes the amount due ends the page: when the same is due again, it is at another one.
  const before = [invoice.paid, invoice.refunded, String(await endedPages(scope, invoiceId))];
  const session = await usefulSession(scope, { connectionId: connection.id, before }, access_token, input);
  return { session, of: { invoiceId, amount, connectionId: connection.id } };
}

type Payable = { invoiceId: string; amount: string; connectionId: string };

async function endedPages(scope: Scope, invoiceId: string): Promise<number> {
  const [row] = await reader(scope).execute<{ count: string }[]>(
    'select count(*) as count from app.payment_pages where invoice_id = ? and ended_at is not null',
    [invoiceId],
  );
  return Number(row?.count);
}

/**
 * Keeps a page, so that customers come to it and it is ended when another sum is due. Whether that has happened already
 * while the page was made is decided under the invoice's lock: then it is ended at once, and the answer is no.
 */
async function remember(ctx: Ctx, { url, expiresAt }: CheckoutSession, of: Payable): Promise<boolean> {
  const invoice = await lockInvoice(ctx, of.invoiceId);
  const isDue = invoice.status !== 'draft' && compareAmounts(amountDue(invoice), of.amount, invoice.currency) === 0;
  const rows = await ctx.em.execute<{ ended: boolean }[]>(
    `insert into app.payment_pages as p (id, invoice_id, connection_id, amount, url, expires_at, ended_at)
     values (?, ?, ?, ?, ?, ?, case when ? then null else clock_timestamp() end)
     on conflict (tenant_id, url) do update set ended_at = coalesce(p.ended_at, excluded.ended_at)
     returning ended_at is not null as ended`,
    [randomUUIDv7(), of.invoiceId, of.connectionId, of.amount, url, expiresAt, isDue],
  );
  if (rows.some(({ ended }) => ended)) {
    closeSoon(ctx);
    return false;
  }
  audit(ctx, 'invoice.payment_link', { type: 'invoice', id: of.invoiceId });
  return true;
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
  { connectionId, before }: { connectionId: string; before: string[] },
  accessToken: string,
  input: Omit<CheckoutInput, 'idempotencyKey'>,
): Promise<CheckoutSession> {
  for (let n = 0; n < MAX_SESSIONS; n += 1) {
    const idempotencyKey = keyOf([connectionId, n, ...before, ...Object.values(input)]);
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
