import type { Ctx } from '../../../context.ts';
import { enqueue } from '../../outbox.ts';

/** Ends what still runs for the contact. */
export async function cancelFlows(ctx: Ctx, contactId: string): Promise<void> {
  const flows = await ctx.em.execute<{ id: string; kind: string }[]>(
    `update app.flows set status = 'cancelled', stage = 'ended', outcome = 'cancelled', next_action = null,
       next_action_at = null, waits_for_reply = false, paused_at = null, pause_reason = null, ended_at = clock_timestamp(), updated_at = clock_timestamp()
     where contact_id = ? and status = 'running' returning id, kind`,
    [contactId],
  );
  // One that ended in a pause still says why it was paused, in somebody's words.
  await ctx.em.execute(`update app.flows set pause_reason = null where contact_id = ? and pause_reason is not null`, [
    contactId,
  ]);
  for (const { id, kind } of flows) {
    await enqueue(ctx, { operation: 'cancel', kind, flowId: id, signal: null, args: {} });
  }
}
