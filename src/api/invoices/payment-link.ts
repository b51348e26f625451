import type Router from '@koa/router';
import { z } from 'zod';
import { createPaymentLink, PAID_PATH } from '../../services/invoices/payment-link.ts';
import { tenantRoute } from '../route.ts';
import { instant, iso } from '../schema.ts';
import { params, path, tag, write } from './invoices.ts';

export const paymentLinkRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/payment-link`,
      operationId: 'createPaymentLink',
      tag,
      summary: 'Make a link at which the amount due can be paid with Stripe',
      description:
        'The payment is booked when Stripe reports it. For as long as the amount due stays the same, the same link is ' +
        'answered until it is about to expire. A payment of any kind, a refund, another amount and `void` end the page ' +
        'behind it.',
      params,
      status: 200,
      idempotent: 'outside',
      answer: z.object({ url: z.string(), expires_at: instant }).meta({ id: 'PaymentLink' }),
      errors: [
        'invoice_not_open',
        'nothing_due',
        'conflict',
        'no_connection',
        'connection_refused',
        'provider_refused',
        'provider_unavailable',
      ],
    },
    async ({ scope }, { params: { invoice_id } }) => {
      const { url, expiresAt } = await createPaymentLink(scope, invoice_id);
      return { url, expires_at: iso(expiresAt) };
    },
  ),
];

/** Where the provider sends customers who have paid. It knows nothing of them. */
export function mountPaidPage(router: Router): void {
  router.get(PAID_PATH, (koa) => {
    koa.state['route'] = `GET ${PAID_PATH}`;
    koa.type = 'text/plain; charset=utf-8';
    koa.body = 'Thank you. Your payment is being processed, and you can close this page.\n';
  });
}
