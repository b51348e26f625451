import type { Ctx } from '../../../context.ts';
import { laterBy } from '../../../domain/last-instant.ts';
import type { Flow } from '../../../entities/flow.ts';
import { Message } from '../../../entities/message.ts';
import { enqueue } from '../../outbox.ts';
import { endFlowRow } from './end.ts';
import { nothingPlanned, type Controls } from './verbs.ts';
import { pauseRow, resumeRow } from './pause.ts';

/** The controls of a message's own flow; its one item is the message. */
export const messageControls: Controls = {
  async pause(ctx, flow, { reason, now }) {
    return (await pauseRow(ctx, flow, reason, now)) && wake(ctx, flow);
  },
  async resume(ctx, flow, { mode, now }) {
    const pausedMs = await resumeRow(ctx, flow, now);
    if (pausedMs === undefined) return false;
    if (mode === 'shift') await move(ctx, flow, (plannedAt) => laterBy(plannedAt, pausedMs));
    return wake(ctx, flow);
  },
  async 'run-now'(ctx, flow, { now }) {
    await move(ctx, flow, () => now);
    await wake(ctx, flow);
    return { to: now.toISOString() };
  },
  async reschedule(ctx, flow, { at }) {
    if (!at) return false;
    await move(ctx, flow, () => at);
    await wake(ctx, flow);
    return { to: at.toISOString() };
  },
  async cancel(ctx, flow, { now }) {
    const message = await queued(ctx, flow);
    Object.assign(message, { status: 'cancelled', reason: 'cancelled', heldUntil: null, updatedAt: now });
    endFlowRow(flow, 'cancelled', now);
    await ctx.em.flush();
    return wake(ctx, flow);
  },
};

async function queued(ctx: Ctx, flow: Flow): Promise<Message> {
  const [row] = await ctx.em.execute<{ id: string }[]>(
    `select id from app.messages where id = ? and status = 'queued' for update`,
    [flow.id],
  );
  if (!row) throw nothingPlanned();
  return ctx.em.findOneOrFail(Message, { id: flow.id }, { refresh: true });
}

/** Moves when it is planned for, and until when it is useful by as much. */
async function move(ctx: Ctx, flow: Flow, to: (plannedAt: Date) => Date): Promise<void> {
  const message = await queued(ctx, flow);
  const from = message.plannedAt ?? message.createdAt;
  const plannedAt = to(from);
  if (message.latestUsefulAt) {
    message.latestUsefulAt = laterBy(message.latestUsefulAt, plannedAt.getTime() - from.getTime());
  }
  Object.assign(message, { plannedAt, heldUntil: null });
  if (!flow.pausedAt) Object.assign(flow, { nextAction: 'send', nextActionAt: plannedAt });
  await ctx.em.flush();
}

async function wake(ctx: Ctx, { id }: Flow): Promise<true> {
  await ctx.em.flush();
  await enqueue(ctx, { operation: 'signal', kind: 'message', flowId: id, signal: 'messageChanged', args: {} });
  return true;
}
