import type { Ctx } from '../context.ts';
import type { OutboxEntry } from '../temporal/dispatcher.ts';

/** Tells Temporal something once the transaction has committed: now if it can, from the outbox if not. */
export async function enqueue(ctx: Ctx, entry: Omit<OutboxEntry, 'id' | 'tenantId'>): Promise<void> {
  const [row] = await ctx.em.execute<{ id: string }[]>(
    `insert into app.outbox (operation, kind, flow_id, signal, args, available_at)
     values (?, ?, ?, ?, ?::jsonb, clock_timestamp() + case when ? then interval '0' else interval '2 seconds' end)
     returning id`,
    [
      entry.operation,
      entry.kind,
      entry.flowId,
      entry.signal,
      JSON.stringify(entry.args),
      ctx.deps.dispatcher.leaves(entry),
    ],
  );
  if (!row) throw new Error('An insert answers its row');
  ctx.pending.push({ ...entry, id: row.id, tenantId: ctx.tenantId });
}
