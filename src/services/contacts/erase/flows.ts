import type { Ctx } from '../../../context.ts';
import { raiseUnknown } from '../../alerts/message-unknown.ts';
import { enqueue } from '../../outbox.ts';

/** Ends what still runs for the contact. Of what they would have waited for the provider's word a person is told now. */
export async function cancelFlows(ctx: Ctx, contactId: string): Promise<void> {
  const flows = await ctx.em.execute<{ id: string; kind: string; doubted: string[] }[]>(
    `update app.flows f set status = 'cancelled', stage = 'ended', outcome = 'cancelled', next_action = null,
       next_action_at = null, waits_for_reply = false, paused_at = null, pause_reason = null, ended_at = clock_timestamp(), updated_at = clock_timestamp()
     where contact_id = ? and status = 'running' returning id, kind, array(
       select m.channel_id from app.messages m
       where m.flow_id = f.id and m.kind <> 'otp' and m.status = 'unknown'
         and m.settle_at > clock_timestamp() + f.clock_offset
     ) as doubted`,
    [contactId],
  );
  // One that ended in a pause still says why it was paused, in somebody's words.
  await ctx.em.execute(`update app.flows set pause_reason = null where contact_id = ? and pause_reason is not null`, [
    contactId,
  ]);
  for (const { id, kind } of flows) {
    await enqueue(ctx, { operation: 'cancel', kind, flowId: id, signal: null, args: {} });
  }
  await raiseUnknown(
    ctx,
    flows.flatMap(({ doubted }) => doubted),
  );
}
