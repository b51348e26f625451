import type { Ctx } from '../../../context.ts';
import type { Flow } from '../../../entities/flow.ts';

/**
 * Stops a flow until somebody resumes it. Its queued messages are locked: one that is being claimed at this moment comes
 * before, and none is claimed after.
 */
export async function pauseRow(ctx: Ctx, flow: Flow, reason: string, now: Date): Promise<boolean> {
  if (flow.pausedAt) return false;
  await ctx.em.execute(`select from app.messages where flow_id = ? and status = 'queued' order by id for update`, [
    flow.id,
  ]);
  Object.assign(flow, {
    pausedAt: now,
    pauseReason: reason,
    stage: 'paused',
    nextAction: null,
    nextActionAt: null,
    updatedAt: now,
  });
  await ctx.em.flush();
  return true;
}

/** How long it was paused, in milliseconds, and that it is not any more; nothing when it was not. */
export async function resumeRow(ctx: Ctx, flow: Flow, now: Date): Promise<number | undefined> {
  if (!flow.pausedAt) return undefined;
  const pausedMs = now.getTime() - flow.pausedAt.getTime();
  Object.assign(flow, { pausedAt: null, pauseReason: null, stage: 'waiting', updatedAt: now });
  await ctx.em.flush();
  return pausedMs;
}
