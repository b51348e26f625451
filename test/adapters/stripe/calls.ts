import { randomUUID } from 'node:crypto';
import type { CheckoutInput, StripeApi, StripeResult, Subject } from '../../../src/adapters/stripe/types.ts';

export const KEY = 'sk_test_good';

type Call = (stripe: StripeApi) => Promise<StripeResult<unknown>>;

const about: Record<Subject['object'], { id: string; type: string }> = {
  invoice: { id: 'in_1', type: 'invoice.paid' },
  session: { id: 'cs_test_1', type: 'checkout.session.completed' },
  charge: { id: 'ch_1', type: 'charge.refunded' },
};

const checkout =
  (amount: string, currency: string): Call =>
  (stripe) => {
    const input: CheckoutInput = {
      invoiceId: randomUUID(),
      tenantId: 1,
      title: 'Invoice INV-1 & Söhne',
      amount,
      currency,
      returnUrl: 'https://carillon.example.com/paid',
      idempotencyKey: randomUUID(),
    };
    return stripe.checkout(KEY, input);
  };

/** Every request that the adapter makes of Stripe, by its method; the types see to it that none is missing. */
export const calls: Record<Exclude<keyof StripeApi, 'close'>, Record<string, Call>> = {
  account: { 'an account': (stripe) => stripe.account(KEY) },
  events: { 'what was reported since yesterday': (stripe) => stripe.events(KEY, new Date(Date.now() - 86_400_000)) },
  present: Object.fromEntries(
    Object.entries(about).map(([object, { id, type }]): [string, Call] => [
      `an ${object} as it stands now`.replace(/^an (?=[sc])/, 'a '),
      (stripe) => {
        const event = { id: 'evt_1', type, account: undefined, at: new Date(), content: { kind: 'ignored' } as const };
        return stripe.present(KEY, { ...event, subject: { object: object as Subject['object'], id } });
      },
    ]),
  ),
  checkout: {
    'a page that charges dollars': checkout('99.99', 'USD'),
    'a page that charges yen': checkout('500', 'JPY'),
    'a page that charges dinars': checkout('5.120', 'KWD'),
  },
  expireCheckout: {
    'the end of a page': (stripe) => stripe.expireCheckout(KEY, 'https://checkout.stripe.com/c/pay/cs_test_1#fid'),
  },
};
