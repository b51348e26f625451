import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { ApiKey } from '../../entities/api-key.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { enqueue } from '../outbox.ts';

/** Ends a key, from the next request on. To revoke it again changes nothing. */
export function revokeApiKey(scope: Scope, id: string): Promise<void> {
  return unitOfWork(scope, async (ctx) => {
    const apiKey = await ctx.em.findOne(ApiKey, { id });
    if (!apiKey) throw notFound('API key');
    if (apiKey.revokedAt) return;
    apiKey.revokedAt = await databaseNow(ctx.em);
    audit(ctx, 'api_key.revoke', { type: 'api_key', id }, ['revoked_at']);
    if (!apiKey.replacedBy) return;
    await ctx.em.flush();
    // Its rotation has nothing left to wait for.
    await enqueue(ctx, {
      operation: 'signal',
      kind: 'key_rotation',
      flowId: id,
      signal: 'key_rotationChanged',
      args: {},
    });
  });
}
