import type { Ctx } from '../../context.ts';
import { parsePlaceholders } from '../../domain/placeholders.ts';
import { AppError } from '../../errors.ts';
import { canCharge } from '../connections/paying.ts';

const PLACEHOLDER = 'payment_link';

/** The text has passed `checkText`. */
export const namesPaymentLink = (text: string): boolean =>
  text.includes(PLACEHOLDER) && parsePlaceholders(text).names.includes(PLACEHOLDER);

/** Refuses texts with a payment link while nobody could be charged by it. `path` names the field that one came in. */
export async function checkPaymentLinks(
  { em }: Pick<Ctx, 'em'>,
  texts: readonly string[],
  path: (n: number) => string,
): Promise<void> {
  const first = texts.findIndex((text) => text.includes(PLACEHOLDER));
  if (first === -1 || (await canCharge(em))) return;
  const message = `{${PLACEHOLDER}} needs a connection to Stripe with an access token that Stripe takes`;
  throw new AppError('payment_link_unavailable', `${message}.`, { errors: [{ path: path(first), message }] });
}
