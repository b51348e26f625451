import type { StripeFailure } from '../../adapters/stripe/types.ts';
import type { Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';

/** The account that an access token opens, as Stripe says; undefined where the token may not see that. */
export async function accountOf({ stripe }: Pick<Deps, 'stripe'>, accessToken: string): Promise<string | undefined> {
  const answer = await stripe.account(accessToken);
  if (answer.ok) return answer.value;
  throw answer.reason === 'away'
    ? providerAway(answer)
    : new AppError('connection_refused', 'Stripe does not accept the access token.', { cause: causeOf(answer) });
}

export const providerAway = (failure: StripeFailure): AppError =>
  new AppError('provider_unavailable', 'Stripe cannot be reached now. Try again.', {
    retryAfterSeconds: 30,
    cause: causeOf(failure),
  });

export const causeOf = ({ reason, detail }: StripeFailure): Error => new Error(`Stripe: ${reason}: ${detail}`);
