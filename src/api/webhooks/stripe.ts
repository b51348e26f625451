import type Router from '@koa/router';
import { verifySignature } from '../../adapters/stripe/verify.ts';
import { readWebhook } from '../../adapters/stripe/webhook.ts';
import type { Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { receiveEvent } from '../../services/connections/stripe/receive.ts';
import { findWebhookConnection } from '../../services/connections/webhook.ts';
import { createBodyBudget } from '../body-budget.ts';

/** An invoice with a hundred lines and their metadata stays far below. */
const WEBHOOK_LIMIT_BYTES = 1024 * 1024;
const UNCHECKED_BYTES = 20 * WEBHOOK_LIMIT_BYTES;

/**
 * Where Stripe reports. It repeats for three days what is not answered with 200, so that is said once the event and all
 * that follows from it are committed.
 */
export function mountStripeWebhook(router: Router, deps: Deps): void {
  const readBody = createBodyBudget(UNCHECKED_BYTES);

  /** An unknown connection and a wrong or old signature get the same answer. */
  const refused = (connectionId: string) => {
    deps.webhooks.refusals.note(connectionId);
    deps.metrics.webhook('stripe', 'refused');
    return new AppError('unauthenticated', 'The signature does not fit.');
  };

  router.post('/webhooks/stripe/:connection_id', async (koa) => {
    koa.state['route'] = 'POST /webhooks/stripe/{connection_id}';
    const signature = koa.get('Stripe-Signature');
    if (!/v1=[0-9a-f]{64}/i.test(signature) || signature.length > 2_000) throw refused('unknown');
    const connection = await findWebhookConnection(deps, 'stripe', koa.params['connection_id'] ?? '');
    if (!connection) throw refused('unknown');
    const raw = await readBody(koa.req, WEBHOOK_LIMIT_BYTES);
    if (!verifySignature(raw, signature, connection.secrets)) throw refused(connection.id);
    koa.state['tenantId'] = connection.scope.tenantId;
    const event = readWebhook(raw);
    if (!event) throw new AppError('malformed_request', 'The body is no event of Stripe’s.');
    deps.metrics.webhook('stripe', 'received');
    await receiveEvent(connection, event, raw);
    koa.status = 200;
    koa.body = { received: true };
  });
}
