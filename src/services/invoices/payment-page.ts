import { reader, type Deps, type Scope } from '../../context.ts';
import { compareAmounts } from '../../domain/money.ts';
import { Invoice } from '../../entities/invoice.ts';
import { Tenant } from '../../entities/tenant.ts';
import { AppError } from '../../errors.ts';
import { payingConnection } from '../connections/paying.ts';
import { scopeOf } from '../scope.ts';
import { createPaymentLink, payable } from './payment-link.ts';
import { readPaymentToken } from './payment-token.ts';

/** Somebody opens a link a few times; each time may ask the provider. */
const OPENED = { limit: 30, windowSeconds: 60, code: 'rate_limited' } as const;
/** A page of the provider's that ends sooner is replaced by a new one. */
const USEFUL_MINUTES = 30;

/** What a customer gets to see who opens the link of an invoice. */
export type PaymentPage =
  | { kind: 'checkout'; url: string }
  /** There is something to pay, and nobody was to go on to it. */
  | { kind: 'payable' }
  | { kind: 'paid' | 'void' | 'not_open' | 'unavailable' | 'unknown' };

/**
 * Opens the link that stands in a message: `go` on to the provider's page, the one that was made last or a new one, or
 * only say how the invoice stands. Throws `provider_unavailable` and `rate_limited`.
 */
export async function openPaymentPage(deps: Deps, token: string, { go }: { go: boolean }): Promise<PaymentPage> {
  const named = readPaymentToken(deps, token);
  if (!named) return { kind: 'unknown' };
  const { tenantId, invoiceId } = named;
  const scope = scopeOf(deps, tenantId, { type: 'system', id: 'payment-page' });
  const em = reader(scope);
  // Before anything is counted: of a tenant that was deleted, no row may be written any more.
  if (!(await em.findOne(Tenant, { id: tenantId, deletedAt: null }))) return { kind: 'unknown' };
  await deps.quotas.take(tenantId, { subject: `payment_page/${invoiceId}`, ...OPENED });
  const invoice = await em.findOne(Invoice, { id: invoiceId });
  if (!invoice) return { kind: 'unknown' };
  try {
    const amount = payable(invoice);
    const connection = await payingConnection(em);
    if (!connection) return { kind: 'unavailable' };
    if (!go) return { kind: 'payable' };
    return { kind: 'checkout', url: (await sessionFor(scope, invoice, amount, connection)).url };
  } catch (error) {
    return { kind: kindOf(error, invoice) };
  }
}

function kindOf(error: unknown, { status }: Invoice) {
  switch (error instanceof AppError ? error.code : undefined) {
    case 'nothing_due':
      return status === 'void' ? 'void' : 'paid';
    case 'invoice_not_open':
      return 'not_open';
    case 'no_connection':
    case 'connection_refused':
    case 'provider_refused':
    case 'conflict':
      return 'unavailable';
    default:
      throw error;
  }
}

/** The page that was made last, for as long as the same is due: the provider is not asked, and need not be there. */
async function sessionFor(
  scope: Scope,
  { id, currency }: Invoice,
  amount: string,
  connection: { id: string; status: string },
): Promise<{ url: string }> {
  const [known] = await reader(scope).execute<{ url: string; amount: string; connection_id: string }[]>(
    `select url, amount, connection_id from app.payment_pages
     where invoice_id = ? and ended_at is null and expires_at > clock_timestamp() + make_interval(mins => ?)
     order by id desc limit 1`,
    [id, USEFUL_MINUTES],
  );
  if (known?.connection_id === connection.id && compareAmounts(known.amount, amount, currency) === 0) return known;
  // Each click would else ask with a token that is known to be refused.
  if (connection.status !== 'active') throw new AppError('connection_refused', 'Stripe does not accept the token.');
  return createPaymentLink(scope, id);
}
