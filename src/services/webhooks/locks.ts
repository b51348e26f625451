import type { InboundMessage } from '../../adapters/whatsapp/types.ts';
import type { Ctx } from '../../context.ts';
import { saysPaid } from '../../domain/paid-replies.ts';
import { phoneVariants } from '../../domain/phone-variants.ts';
import { wishOf } from '../../domain/stop-words.ts';
import { phoneOf } from '../inbound/person.ts';
import { isOurId, type ReadWebhook } from '../messages/apply-statuses.ts';
import { rowsAsJson } from './rows-as-json.ts';

type Touched = { phone?: string; message_id?: string; provider_id?: string };

/**
 * Locks the contacts, passcodes and invoices that webhooks will change, before anything else: senders and erasures take
 * them before messages too, so nobody waits for somebody who waits for them. `replies` say that an invoice is paid.
 */
export async function lockTouched(ctx: Ctx, webhooks: ReadWebhook[], replies: readonly string[]): Promise<void> {
  const inbound = webhooks.flatMap(({ content }) => content.inbound);
  const payers = inbound.filter((message) => !wishOf(message) && saysPaid(message, replies)).flatMap(bySender);
  const touched = webhooks.flatMap(({ content }) => [
    ...content.inbound.filter((message) => wishOf(message)).flatMap(bySender),
    ...content.preferences.flatMap(({ from }) => byPhone(from)),
    ...content.statuses.flatMap(({ status, messageId, providerId }): Touched[] => {
      if (status !== 'failed') return [];
      return [messageId !== undefined && isOurId(messageId) ? { message_id: messageId } : { provider_id: providerId }];
    }),
  ]);
  if (touched.length + payers.length === 0) return;
  const list = rowsAsJson([...touched, ...payers]);
  await ctx.em.execute(
    `${toldAndMessages} select c.id from app.contacts c where c.id in (${people}) order by c.id for no key update`,
    [list],
  );
  await ctx.em.execute(
    `${toldAndMessages} select o.id from app.otps o
     where o.id in (select flow_id from message where kind = 'otp') order by o.id for no key update`,
    [list],
  );
  if (payers.length === 0) return;
  await ctx.em.execute(
    `${toldAndMessages} select i.id from app.invoices i
     where i.contact_id in (${people}) and i.status in ('open', 'partially_paid') order by i.id for update`,
    [rowsAsJson(payers)],
  );
}

function bySender(message: InboundMessage): Touched[] {
  const answers = message.reaction?.to ?? message.repliesTo;
  return [...byPhone(message.from), ...(answers === undefined ? [] : [{ provider_id: answers }])];
}

const byPhone = (from: string | undefined): Touched[] => {
  const phone = phoneOf(from);
  return phone === undefined ? [] : phoneVariants(phone).map((variant) => ({ phone: variant }));
};

const toldAndMessages = `
with told as (
  select * from jsonb_to_recordset(?::jsonb) as t (phone text, message_id uuid, provider_id text)
), message as (
  select m.contact_id, m.flow_id, m.kind from told join app.messages m on m.id = told.message_id
  union all
  select m.contact_id, m.flow_id, m.kind from told join app.messages m on m.provider_id = told.provider_id
)`;

const people = `select contact_id from message
  union select p.id from told join app.contacts p on p.phone = told.phone and p.deleted_at is null`;
