import { hash, randomUUIDv7 } from 'node:crypto';
import type { Scope } from '../../context.ts';
import { runForTenant } from '../../database.ts';

/**
 * Takes in a webhook whose signature has been checked: when this returns, it is not lost any more. One that was taken
 * in before changes nothing.
 */
export async function receiveWebhook(scope: Scope, channelId: string, raw: Buffer): Promise<void> {
  const id = randomUUIDv7();
  const bodyHash = hash('sha256', raw, 'buffer');
  const rows = await runForTenant(scope.deps.pool, scope.tenantId, {
    name: 'webhook_received',
    text: `insert into app.webhook_inbox (id, channel_id, hash, body) values ($1, $2, $3, $4)
      on conflict (tenant_id, channel_id, hash) do nothing returning id`,
    values: [id, channelId, bodyHash, raw],
  });
  if (rows.length === 0) return;
  const { tracing, webhooks } = scope.deps;
  // It is applied together with others, which came in by requests of their own.
  tracing.detached(() => webhooks.applier.offer({ scope, id, channelId, raw, hash: bodyHash }));
}
