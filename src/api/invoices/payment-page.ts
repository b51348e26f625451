import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { openPaymentPage } from '../../services/invoices/payment-page.ts';
import { PAYMENT_PAGE_PATH } from '../../services/invoices/payment-token.ts';
import { page, type Shown } from './payment-page-html.ts';

const statuses: Record<Exclude<Shown, 'payable'>, number> = {
  paid: 200,
  void: 410,
  not_open: 409,
  unavailable: 409,
  unknown: 404,
  busy: 429,
  away: 503,
};

/** What fetches a link to show what is behind it, when it is written or before it is tapped. */
const PREVIEW = /bot\b|crawl|spider|preview|facebookexternalhit|^whatsapp\/|slack|skype|headless/i;

/**
 * Where the links in messages lead. A customer who opens one goes on to the page of the payment provider. Whoever only
 * looks, by HEAD or to show a preview, gets a page that makes nothing; should it be a person, its button goes on.
 */
export function mountPaymentPage(router: Router, deps: Deps): void {
  router.get(`${PAYMENT_PAGE_PATH}/:token`, async (koa) => {
    koa.state['route'] = `GET ${PAYMENT_PAGE_PATH}/{token}`;
    koa.set('Cache-Control', 'no-store');
    koa.set('Referrer-Policy', 'no-referrer');
    koa.set('X-Robots-Tag', 'noindex, nofollow');
    koa.set('X-Content-Type-Options', 'nosniff');
    koa.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    try {
      const opened = await openPaymentPage(deps, koa.params['token'] ?? '', { go: goesOn(koa) });
      if (opened.kind === 'checkout') {
        koa.redirect(opened.url);
        koa.status = 303;
      } else {
        show(koa, opened.kind);
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.retryAfterSeconds === undefined) throw error;
      koa.set('Retry-After', String(error.retryAfterSeconds));
      show(koa, error.code === 'rate_limited' ? 'busy' : 'away');
    }
  });
}

/** The button says `go`: nobody who is taken for a machine is kept from paying. */
function goesOn(koa: Context): boolean {
  if (koa.method !== 'GET') return false;
  if (koa.query['go'] === '1') return true;
  const purpose = koa.get('Sec-Purpose') + koa.get('Purpose');
  return !PREVIEW.test(koa.get('User-Agent')) && !/prefetch|preview/i.test(purpose);
}

function show(koa: Context, what: Shown): void {
  koa.status = what === 'payable' ? 200 : statuses[what];
  koa.type = 'text/html; charset=utf-8';
  koa.body = page(what);
}
