import { unitOfWork, type Scope } from '../../context.ts';
import type { Message } from '../../entities/message.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { enqueue } from '../outbox.ts';
import { getMessage } from './get.ts';

/** Keeps a message that has not left from leaving. One that is being sent, or has been, cannot be taken back. */
export async function cancelMessage(scope: Scope, id: string): Promise<Message> {
  await getMessage(scope, id);
  const cancelled = await unitOfWork(scope, async (ctx) => {
    const rows = await ctx.em.execute<{ flow_id: string | null }[]>(
      `update app.messages set status = 'cancelled', reason = 'cancelled', held_until = null,
         updated_at = clock_timestamp()
       where id = ? and status = 'queued' and kind = 'direct' returning flow_id`,
      [id],
    );
    if (rows.length === 0) return false;
    audit(ctx, 'message.cancelled', { type: 'message', id }, ['status']);
    await ctx.em.flush();
    await enqueue(ctx, { operation: 'signal', kind: 'message', flowId: id, signal: 'messageCancelled', args: {} });
    return true;
  });
  if (!cancelled) throw new AppError('conflict', 'The message has left already, or has ended, or is sent by a flow.');
  return getMessage(scope, id);
}
