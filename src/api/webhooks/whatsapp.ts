import type Router from '@koa/router';
import { verifyChallenge, verifySignature } from '../../adapters/whatsapp/verify.ts';
import type { Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { findWebhookChannel } from '../../services/channels/webhook.ts';
import { createWebhookChannels } from '../../services/webhooks/channels.ts';
import { receiveWebhook } from '../../services/webhooks/receive.ts';
import { createBodyBudget } from '../body-budget.ts';

/** Meta sends at most 3 MB. */
const WEBHOOK_LIMIT_BYTES = 3 * 1024 * 1024;
const UNCHECKED_BYTES = 10 * WEBHOOK_LIMIT_BYTES;

/**
 * Where Meta (or the sandbox) reports. Meta repeats what is not answered with 200, so that is said as soon as the
 * webhook is stored; it is applied afterwards.
 */
export function mountWhatsAppWebhook(router: Router, deps: Deps): void {
  const readBody = createBodyBudget(UNCHECKED_BYTES);
  const channels = createWebhookChannels(deps);

  /** An unknown channel and a wrong signature get the same answer. */
  const refused = (channelId: string) => {
    deps.webhooks.refusals.note(channelId);
    deps.metrics.webhook('whatsapp', 'refused');
    return new AppError('unauthenticated', 'The signature does not fit.');
  };

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
    if (!/^sha256=[0-9a-f]{64}$/i.test(signature)) throw refused('unknown');
    const channelId = koa.params['channel_id'] ?? '';
    const known = await channels.find(channelId);
    if (!known) throw refused('unknown');
    const raw = await readBody(koa.req, WEBHOOK_LIMIT_BYTES);
    const fits = ({ appSecret }: { appSecret: string }) => verifySignature(raw, signature, appSecret);
    const channel = await channels.fitting(known, channelId, fits);
    if (!channel) throw refused(channelId);
    koa.state['tenantId'] = channel.scope.tenantId;
    deps.metrics.webhook('whatsapp', 'received');
    await receiveWebhook(channel.scope, channelId, raw);
    koa.status = 200;
    koa.body = { success: true };
  });
}
