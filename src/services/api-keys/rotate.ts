import { LockMode } from '@mikro-orm/core';
import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { ApiKey } from '../../entities/api-key.ts';
import { Flow } from '../../entities/flow.ts';
import { AppError, notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { enqueue } from '../outbox.ts';
import { makeApiKey } from './make.ts';

export type Rotation = { overlapSeconds: number };
export type Rotated = { apiKey: ApiKey; key: string; replaced: ApiKey };

/**
 * Makes a key that may do what another one may, and has that one stop after an overlap in which both work and count
 * together. Where the old one expires, the new one lives as long as that one was made for.
 */
export function rotateApiKey(scope: Scope, id: string, { overlapSeconds }: Rotation): Promise<Rotated> {
  return unitOfWork(scope, async (ctx) => {
    const replaced = await ctx.em.findOne(ApiKey, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!replaced) throw notFound('API key');
    const now = await databaseNow(ctx.em);
    if (replaced.revokedAt || replaced.replacedBy || (replaced.expiresAt && replaced.expiresAt <= now)) {
      throw new AppError('api_key_not_active', 'The key is revoked, has expired, or was replaced already.');
    }
    const lifeMs = replaced.expiresAt && replaced.expiresAt.getTime() - replaced.createdAt.getTime();
    const { apiKey, key } = makeApiKey(ctx, {
      name: replaced.name,
      permissions: replaced.permissions,
      rateLimit: replaced.rateLimit,
      limitId: replaced.limitId ?? replaced.id,
      addresses: replaced.addresses ?? null,
      expiresAt: lifeMs === null || lifeMs === undefined ? null : new Date(now.getTime() + lifeMs),
    });
    await ctx.em.flush();
    replaced.replacedBy = apiKey.id;
    replaced.stopsAt = new Date(now.getTime() + overlapSeconds * 1_000);
    if (overlapSeconds === 0) replaced.revokedAt = now;
    audit(ctx, 'api_key.rotate', { type: 'api_key', id }, ['replaced_by', 'stops_at']);
    if (overlapSeconds > 0) {
      ctx.em.create(Flow, {
        id,
        kind: 'key_rotation',
        stage: 'overlap',
        nextAction: 'stop_key',
        nextActionAt: replaced.stopsAt,
      });
    }
    await ctx.em.flush();
    if (overlapSeconds > 0) {
      await enqueue(ctx, { operation: 'start', kind: 'key_rotation', flowId: id, signal: null, args: {} });
    }
    return { apiKey, key, replaced };
  });
}
