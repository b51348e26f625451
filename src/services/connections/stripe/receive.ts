import { hash, randomUUIDv7 } from 'node:crypto';
import type { StripeEvent } from '../../../adapters/stripe/types.ts';
import { unitOfWork, type Ctx } from '../../../context.ts';
import { runForTenant } from '../../../database.ts';
import { raiseAlert } from '../../alerts/raise.ts';
import type { WebhookConnection } from '../webhook.ts';
import { applyClosing } from './closing.ts';
import { bookPayment } from './payment.ts';
import { presentContent } from './present.ts';
import { bookRefund } from './refund.ts';

export type EventSource = Pick<WebhookConnection, 'scope' | 'id' | 'accountId'>;

/** What became of an event: a word that stays in its row, and whether a person must look at it. */
export type Applied = {
  outcome: string;
  objects?: string[];
  invoiceId?: string | null;
  /** Of a refund that waits for its payment: all of it that has gone back. */
  amount?: string;
  alert?: { subject: string; detail: string };
};

/**
 * Takes an event in and applies it, in one transaction: when this returns neither is lost. Stripe reports an event until
 * it hears that it arrived, so one that is known changes nothing. Answers the outcome, or nothing for a repeat. Throws
 * `provider_unavailable` for one that has to come again.
 */
export async function receiveEvent(
  connection: EventSource,
  event: StripeEvent,
  raw: Buffer,
): Promise<string | undefined> {
  if (event.subject && (await isKnown(connection, event))) return undefined;
  const content = await presentContent(connection, event);
  return takeIn(connection, { ...event, content }, raw);
}

/** Spares asking Stripe again. What is taken in at this moment is found by `takeIn`. */
async function isKnown({ scope, id }: EventSource, event: StripeEvent): Promise<boolean> {
  const text = 'select from app.connection_events where connection_id = $1 and event_id = $2';
  const rows = await runForTenant(scope.deps.pool, scope.tenantId, { text, values: [id, event.id] });
  return rows.length > 0;
}

const takeIn = (connection: EventSource, event: StripeEvent, raw: Buffer): Promise<string | undefined> =>
  unitOfWork(connection.scope, async (ctx) => {
    const id = randomUUIDv7();
    // A repeat that comes at the same moment waits here for the first to commit.
    const taken = await ctx.em.execute<unknown[]>(
      `insert into app.connection_events (id, connection_id, event_id, type, body_hash) values (?, ?, ?, ?, decode(?, 'hex'))
       on conflict (tenant_id, connection_id, event_id) do nothing returning id`,
      [id, connection.id, event.id, event.type, hash('sha256', raw, 'hex')],
    );
    if (taken.length === 0) return undefined;
    const { outcome, objects = [], invoiceId = null, amount = null, alert } = await apply(ctx, connection, event);
    await ctx.em.flush();
    await ctx.em.execute(
      `update app.connection_events set outcome = ?, invoice_id = ?, amount = ?, applied_at = clock_timestamp(),
         objects = array(select jsonb_array_elements_text(?::jsonb))
       where id = ?`,
      [outcome, invoiceId, amount, JSON.stringify(objects), id],
    );
    if (alert) await raiseAlert(ctx, { kind: 'payment_unmatched', ...alert });
    return outcome;
  });

async function apply(ctx: Ctx, connection: EventSource, event: StripeEvent): Promise<Applied> {
  const { account, content, type } = event;
  if (account !== undefined && account !== connection.accountId) return otherAccount(connection, event);
  if ('objects' in content) await lockObjects(ctx, connection.id, content.objects);
  switch (content.kind) {
    case 'payment':
      return bookPayment(ctx, connection.id, content);
    case 'refund':
      return bookRefund(ctx, connection.id, content);
    case 'closed':
      return applyClosing(ctx, content);
    case 'part_payment':
      return { outcome: 'unlinked', objects: content.objects };
    case 'unreadable':
      return {
        outcome: 'unreadable',
        alert: { subject: connection.id, detail: `Stripe reported ${type} in a shape that is not known here.` },
      };
    case 'not_paid_yet':
    case 'nothing_paid':
    case 'superseded':
    case 'ignored':
      return { outcome: content.kind };
  }
}

/** An endpoint of a platform hears of the accounts that are connected to it. Their money is not this tenant's. */
function otherAccount({ id }: EventSource, { content }: StripeEvent): Applied {
  const named = 'link' in content && content.link.invoiceId !== undefined;
  const detail =
    'Stripe reported a payment of another account than the one that is connected, for one of the invoices.';
  return { outcome: 'other_account', ...(named && { alert: { subject: id, detail } }) };
}

/** Events about the same payment come one after the other, so that a refund and its payment never miss each other. */
async function lockObjects(ctx: Ctx, connectionId: string, objects: string[]): Promise<void> {
  for (const object of objects.toSorted()) {
    await ctx.em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`${connectionId}/${object}`]);
  }
}
