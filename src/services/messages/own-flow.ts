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
              updated_at = clock_timestamp()
            where id = $1 and status = 'running'`,
          values: [message.id, reason, until],
        },
      ]
    : [];

/** The columns of a flow that ends with its message; `outcome` is the SQL of what became of that. */
export const ending = (outcome: string): string =>
  `status = case when ${outcome} = 'cancelled' then 'cancelled'
      when ${outcome} in ('sent', 'unknown') then 'completed' else 'failed' end,
    stage = 'ended', outcome = ${outcome}, next_action = null, next_action_at = null, waits_for_reply = false,
    ended_at = clock_timestamp() + clock_offset, updated_at = clock_timestamp()`;

/** The flow has nothing left to do, and this is what became of its message. */
export const endFlow = (message: OwnFlow, outcome: string): Statement[] =>
  isOwn(message)
    ? [
        {
          name: 'flow_ended',
          text: `update app.flows set ${ending('$2')} where id = $1 and status = 'running'`,
          values: [message.id, outcome],
        },
      ]
    : [];

export async function closeOwnFlow(pool: Pool, tenantId: number, message: OwnFlow, outcome: string): Promise<void> {
  for (const statement of endFlow(message, outcome)) await runForTenant(pool, tenantId, statement);
}
