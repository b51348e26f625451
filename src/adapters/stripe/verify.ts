import Stripe from 'stripe';

/** Older signatures are refused: whoever recorded one cannot play it back. */
const TOLERANCE_SECONDS = 300;

/** Whether `Stripe-Signature` was made over these very bytes with one of the secrets, not long ago. */
export function verifySignature(raw: Buffer, header: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => secret !== '' && fits(raw, header, secret));
}

function fits(raw: Buffer, header: string, secret: string): boolean {
  try {
    // Any of several signatures will do: while a secret is rolled Stripe signs with both.
    return Stripe.webhooks.signature?.verifyHeader(raw, header, secret, TOLERANCE_SECONDS) ?? false;
  } catch {
    return false;
  }
}
