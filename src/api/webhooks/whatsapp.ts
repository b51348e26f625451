import type Router from '@koa/router';
import { verifyChallenge, verifySignature } from '../../adapters/whatsapp/verify.ts';
import { readWebhook } from '../../adapters/whatsapp/webhook.ts';
import { logOf, type Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { applyStatuses } from '../../services/messages/apply-statuses.ts';
import { findWebhookChannel } from '../../services/channels/webhook.ts';
import { createBodyBudget } from '../body-budget.ts';

/** Meta sends at most 3 MB. */
const WEBHOOK_LIMIT_BYTES = 3 * 1024 * 1024;
const UNCHECKED_BYTES = 10 * WEBHOOK_LIMIT_BYTES;

/** An unknown channel and a wrong signature get the same answer. */
const refused = () => new AppError('unauthenticated', 'The signature does not fit.');

/** Where Meta (or the sandbox) reports what became of messages. Meta repeats what is not answered with 200. */
export function mountWhatsAppWebhook(router: Router, deps: Deps): void {
  const readBody = createBodyBudget(UNCHECKED_BYTES);

  router.get('/webhooks/whatsapp/:channel_id', async (koa) => {
    koa.state['route'] = 'GET /webhooks/whatsapp/{channel_id}';
    const channel = await findWebhookChannel(deps, koa.params['channel_id'] ?? '');
    const challenge = channel && verifyChallenge(koa.query, channel.verifyToken);
    if (challenge === undefined) throw new AppError('forbidden', 'The verify token does not fit.');
    koa.type = 'text/plain';
    koa.body = challenge;
  });

  router.post('/webhooks/whatsapp/:channel_id', async (koa) => {
    koa.state['route'] = 'POST /webhooks/whatsapp/{channel_id}';
    // A body is taken in only where it could be a good one: for a channel that there is, under a whole signature.
    const signature = koa.get('X-Hub-Signature-256');
    if (!/^sha256=[0-9a-f]{64}$/i.test(signature)) throw refused();
    const channel = await findWebhookChannel(deps, koa.params['channel_id'] ?? '');
    if (!channel) throw refused();
    const raw = await readBody(koa.req, WEBHOOK_LIMIT_BYTES);
    if (!verifySignature(raw, signature, channel.appSecret)) throw refused();
    koa.state['tenantId'] = channel.scope.tenantId;
    const content = readWebhook(parse(raw));
    if (content.unreadable > 0)
      logOf(channel.scope).warn({ parts: content.unreadable }, 'a webhook has unreadable parts');
    await applyStatuses(channel.scope, content.statuses);
    koa.status = 200;
    koa.body = { success: true };
  });
}

/** Well signed but not JSON: it will not get better by being sent again, so it is taken and counted. */
function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
