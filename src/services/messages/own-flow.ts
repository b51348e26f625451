import type { Pool } from 'pg';
import { runForTenant, type Statement } from '../../database.ts';

type OwnFlow = { id: string; flow_id: string | null };

/** A message that nothing else sends has a flow of its own, with the same id. Its row tells what the message does. */
const isOwn = ({ id, flow_id }: OwnFlow): boolean => id === flow_id;

/** The flow waits until then, for that reason. */
export const holdFlow = (message: OwnFlow, until: Date, reason: string): Statement[] =>
  isOwn(message)
    ? [
        {
          name: 'flow_held',
          text: `update app.flows set stage = $2, next_action = 'send', next_action_at = $3,
              waits_for_reply = $2 in ('template_pending', 'template_paused'), updated_at = clock_timestamp()
            where id = $1 and status = 'running'`,
          values: [message.id, reason, until],
        },
      ]
    : [];

/** The flow has nothing left to do, and this is what became of its message. */
export const endFlow = (message: OwnFlow, outcome: string): Statement[] =>
  isOwn(message)
    ? [
        {
          name: 'flow_ended',
          text: `update app.flows set status = case when $2 = 'cancelled' then 'cancelled'
                when $2 in ('sent', 'unknown') then 'completed' else 'failed' end,
              stage = 'ended', outcome = $2, next_action = null, next_action_at = null, waits_for_reply = false,
              ended_at = clock_timestamp(), updated_at = clock_timestamp()
            where id = $1 and status = 'running'`,
          values: [message.id, outcome],
        },
      ]
    : [];

export async function closeOwnFlow(pool: Pool, tenantId: number, message: OwnFlow, outcome: string): Promise<void> {
  for (const statement of endFlow(message, outcome)) await runForTenant(pool, tenantId, statement);
}
