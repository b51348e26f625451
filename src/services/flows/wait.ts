import type { Deps } from '../../context.ts';
import { runForTenant } from '../../database.ts';
import type { Delivery } from '../messages/send.ts';
import type { Pair } from '../messages/send-with-mail.ts';

/** Waits of seconds for a place, of which many flows have one after the other: each would cost a row. */
const passing = ['busy', 'recipient_pace', 'number_pace'];

/**
 * Has the row of a flow that sends more than one message say what the one under way waits for, and until when, in the
 * words of that message's row. After the claim, in a statement of its own: a verb that stops the flow locks the flow
 * before its messages, so nobody may want the flow's row while he holds a message.
 */
export async function nameWait(
  { pool }: Deps,
  { tenantId, messageId, mailId }: Pair,
  delivery: Delivery,
): Promise<void> {
  const waits = delivery.result === 'unknown' || (delivery.result === 'later' && !passing.includes(delivery.reason));
  if (!waits) return;
  await runForTenant(pool, tenantId, {
    name: 'flow_waits',
    text: `with waiting as (
        select flow_id,
          case status when 'unknown' then 'unknown_outcome' else reason end as stage,
          case status when 'unknown' then 'settle' else 'send' end as action,
          case status when 'unknown' then settle_at else held_until end as at
        from app.messages
        where id in ($1, $2) and (status = 'unknown' or (status = 'queued' and reason is not null))
        order by status, id limit 1
      )
      update app.flows f set stage = w.stage, next_action = w.action, next_action_at = coalesce(w.at, f.next_action_at),
        updated_at = clock_timestamp()
      from waiting w where f.id = w.flow_id and f.status = 'running' and f.paused_at is null`,
    values: [messageId, mailId ?? null],
  });
}
