import type { PaymentPage } from '../../services/invoices/payment-page.ts';

export type Shown = Exclude<PaymentPage['kind'], 'checkout'> | 'busy' | 'away';

const words: Record<Shown, { title: string; text: string }> = {
  payable: { title: 'Pay your invoice', text: 'You go on to a secure page of the payment provider.' },
  paid: { title: 'This invoice is paid', text: 'There is nothing left to pay. Thank you.' },
  void: { title: 'This invoice is void', text: 'There is nothing to pay.' },
  not_open: {
    title: 'This invoice cannot be paid yet',
    text: 'Please try again later, or ask whoever sent it to you.',
  },
  unavailable: {
    title: 'This invoice cannot be paid online',
    text: 'Please ask whoever sent it to you how it can be paid.',
  },
  unknown: { title: 'There is no such page', text: 'Please check that the link is complete.' },
  busy: { title: 'One moment', text: 'This page was opened many times. Please try again in a minute.' },
  away: { title: 'The payment page cannot be opened now', text: 'Please try again in a minute.' },
};

/** A page for people: no word of it is about the invoice or the customer, since whoever has the link may read it. */
export function page(what: Shown): string {
  const { title, text } = words[what];
  const button = what === 'payable' ? '\n<p><a rel="nofollow" href="?go=1">Go on to payment</a></p>' : '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>
  body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1.5rem; }
  a { display: inline-block; padding: 0.6rem 1.2rem; border: 1px solid; border-radius: 0.4rem; color: inherit; }
</style>
<h1>${title}</h1>
<p>${text}</p>${button}
`;
}
