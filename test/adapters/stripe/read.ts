import { contentOf } from '../../../src/adapters/stripe/content.ts';
import type { Json } from '../../harness/client.ts';

type Reading = { kind: string; of: string; type: string; as: object };

/** stripe-mock knows nothing of what happened: its objects are made those of after that. */
const readings: Record<string, Reading> = {
  'an invoice that was paid': {
    kind: 'payment',
    of: 'invoice',
    type: 'invoice.paid',
    as: { status: 'paid', amount_paid: 9999 },
  },
  'an invoice that is void': { kind: 'closed', of: 'invoice', type: 'invoice.voided', as: { status: 'void' } },
  'the payment of a part': { kind: 'part_payment', of: 'invoice_payment', type: 'invoice_payment.paid', as: {} },
  'a page where somebody has paid': {
    kind: 'payment',
    of: 'checkout.session',
    type: 'checkout.session.completed',
    as: { payment_status: 'paid', amount_total: 9999, currency: 'usd' },
  },
  'a charge that went back': { kind: 'refund', of: 'charge', type: 'charge.refunded', as: { amount_refunded: 50 } },
};

/** Each kind of object that is read, and what was wrong with the reading, if anything. */
export const misread = (objects: Map<string, Json>): [string, string | undefined][] =>
  Object.entries(readings).map(([what, { kind, of, type, as }]) => {
    const object = objects.get(of);
    if (object === undefined) return [`reads ${what}`, `there is no ${of} in the answers`];
    const read = contentOf(type, { ...object, ...as }, new Date());
    return [`reads ${what}`, read.kind === kind ? undefined : `it was read as ${read.kind}`];
  });
