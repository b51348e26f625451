import type { EventContent, StripeEvent } from '../../../adapters/stripe/types.ts';
import { logOf, reader } from '../../../context.ts';
import { Connection } from '../../../entities/connection.ts';
import { providerAway } from '../account.ts';
import { noteRefusal } from '../refused.ts';
import { openSecret } from '../secrets.ts';
import type { EventSource } from './receive.ts';

/**
 * What an event says by now: events come in any order, and the object that they are about has its present state in
 * Stripe. Where that cannot be asked the event itself decides, by rules under which every order ends in the same rows:
 * a payment counts once under all its ids, of an invoice and of a refund the greatest sum counts, void and paid stay,
 * and paid is stronger than given up. Only a part payment says too little by itself: until Stripe can be asked it is not
 * taken in, so that Stripe repeats it.
 */
export async function presentContent({ scope, id, accountId }: EventSource, event: StripeEvent): Promise<EventContent> {
  const { content, subject, account } = event;
  if (!subject || (account !== undefined && account !== accountId)) return content;
  const { deps, tenantId } = scope;
  const connection = await reader(scope).findOne(Connection, { id, deletedAt: null });
  if (!connection?.credentials) return content;
  const place = { tenantId, connectionId: id };
  const { access_token } = openSecret(deps, place, 'credentials', connection.credentials);
  const answer =
    connection.status === 'active'
      ? await deps.stripe.present(access_token, { ...event, subject })
      : ({ ok: false, reason: 'unauthorised', detail: 'known' } as const);
  // In a shape that is not known here it says less than the event does.
  if (answer.ok) return answer.value.kind === 'unreadable' ? content : answer.value;
  if (answer.reason === 'unauthorised' && connection.status === 'active') await noteRefusal(scope, id);
  const { reason } = answer;
  if (content.kind === 'part_payment' && (reason === 'away' || reason === 'unauthorised')) throw providerAway(answer);
  logOf(scope).warn({ connection_id: id, type: event.type, reason }, 'an event of Stripe is taken as it came');
  return content;
}
