import { LockMode } from '@mikro-orm/core';
import { unitOfWork, type Deps } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { ApiKey } from '../../entities/api-key.ts';
import { Flow } from '../../entities/flow.ts';
import { audit } from '../audit.ts';
import { endFlowRow } from '../flows/controls/end.ts';
import { flowScope } from '../scope.ts';

export type KeyRef = { tenantId: number; keyId: string };
/** `until` is an instant in ISO 8601. */
export type Retirement = { step: 'wait'; until: string } | { step: 'end'; outcome: string };

/** Revokes a replaced key when its overlap is over, by Postgres' clock; before, it says how long that still is. */
export function retireKey(deps: Deps, { tenantId, keyId }: KeyRef): Promise<Retirement> {
  return unitOfWork(flowScope(deps, tenantId, keyId), async (ctx) => {
    const key = await ctx.em.findOne(ApiKey, { id: keyId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    const flow = await ctx.em.findOne(Flow, { id: keyId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!key || flow?.status !== 'running') return { step: 'end', outcome: flow?.outcome ?? 'cancelled' };
    const now = await databaseNow(ctx.em);
    if (!key.revokedAt && key.stopsAt && key.stopsAt > now) return { step: 'wait', until: key.stopsAt.toISOString() };
    if (!key.revokedAt && key.stopsAt) {
      key.revokedAt = key.stopsAt;
      audit(ctx, 'api_key.revoke', { type: 'api_key', id: keyId }, ['revoked_at']);
    }
    endFlowRow(flow, 'completed', now, 'revoked');
    return { step: 'end', outcome: 'revoked' };
  });
}
