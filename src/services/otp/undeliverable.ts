import type { Ctx } from '../../context.ts';
import { enqueue } from '../outbox.ts';
import { endingOf } from './ending.ts';

/** Ends passcodes of which every message has failed. One that any phone may still show goes on. */
export async function settleUndeliverableOtps(ctx: Ctx, otpIds: string[]): Promise<string[]> {
  if (otpIds.length === 0) return [];
  const rows = await ctx.em.execute<{ id: string }[]>(
    `with settled as (
      update app.otps o set status = 'undeliverable', settled_at = clock_timestamp()
      where o.id in (select value::uuid from jsonb_array_elements_text(?::jsonb)) and o.status = 'pending'
        -- One that is over is expired, whatever became of its messages.
        and o.expires_at > clock_timestamp()
        and not exists (
          select from app.messages m
          where m.flow_id = o.id and m.status not in ('failed', 'cancelled', 'expired')
        )
      returning o.id, o.status as outcome
    ), ${endingOf('settled')}
    select id from settled`,
    [JSON.stringify(otpIds)],
  );
  for (const { id } of rows) {
    await enqueue(ctx, { operation: 'signal', kind: 'otp', flowId: id, signal: 'otpUndeliverable', args: {} });
  }
  return rows.map(({ id }) => id);
}
