import type { Ctx } from '../../../context.ts';
import type { AuditDetail } from '../../../entities/audit-entry.ts';
import { ApiKey } from '../../../entities/api-key.ts';
import type { Flow } from '../../../entities/flow.ts';
import { enqueue } from '../../outbox.ts';
import { endFlowRow } from './end.ts';
import type { Controls } from './verbs.ts';

/** The controls of a key's rotation: the old key may stop sooner, later, or not at all. */
export const keyRotationControls: Controls = {
  async 'run-now'(ctx, flow, { now }) {
    return move(ctx, flow, now, now);
  },
  async reschedule(ctx, flow, { at, now }) {
    return at !== undefined && move(ctx, flow, at < now ? now : at, now);
  },
  async cancel(ctx, flow, { now }) {
    const key = await ctx.em.findOneOrFail(ApiKey, { id: flow.id });
    Object.assign(key, { stopsAt: null, replacedBy: null });
    endFlowRow(flow, 'cancelled', now);
    return wake(ctx, flow);
  },
};

async function move(ctx: Ctx, flow: Flow, at: Date, now: Date): Promise<AuditDetail> {
  const key = await ctx.em.findOneOrFail(ApiKey, { id: flow.id });
  key.stopsAt = at;
  Object.assign(flow, { nextActionAt: at, updatedAt: now });
  await wake(ctx, flow);
  return { to: at.toISOString() };
}

async function wake(ctx: Ctx, { id }: Flow): Promise<true> {
  await ctx.em.flush();
  await enqueue(ctx, {
    operation: 'signal',
    kind: 'key_rotation',
    flowId: id,
    signal: 'key_rotationChanged',
    args: {},
  });
  return true;
}
