import Stripe from 'stripe';
import type { StripeFailure } from './types.ts';

/** What an error of Stripe's package means to us. Its message may quote the request, so only type and code are kept. */
export function failureOf(error: unknown): StripeFailure {
  if (!(error instanceof Stripe.errors.StripeError)) return { ok: false, reason: 'away', detail: nameOf(error) };
  const { type, code, statusCode, param } = error;
  const detail = [type, code, param].filter(Boolean).join(' ');
  return { ok: false, reason: reasonOf(statusCode), detail };
}

function reasonOf(status: number | undefined): StripeFailure['reason'] {
  if (status === 401) return 'unauthorised';
  if (status === 403) return 'forbidden';
  // 409 is a call with the same key that still runs, 424 a service of Stripe's own that failed.
  if (status === undefined || status >= 500 || [409, 424, 429].includes(status)) return 'away';
  return 'refused';
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
