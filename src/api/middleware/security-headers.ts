import type { Middleware } from 'koa';

/** For answers that no browser should show, keep or guess the type of. A page of ours sets its own policy over it. */
const always = {
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** `secure`: it is reached by https alone, and browsers may remember that for a year. */
export const securityHeaders =
  ({ secure }: { secure: boolean }): Middleware =>
  async (koa, next) => {
    koa.set(always);
    if (secure) koa.set('Strict-Transport-Security', 'max-age=31536000');
    await next();
  };
