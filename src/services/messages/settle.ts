import { unitOfWork, type Deps } from '../../context.ts';
import { Message } from '../../entities/message.ts';
import { messageUnknown } from '../alerts/message-unknown.ts';
import { raiseAlert } from '../alerts/raise.ts';
import { flowNow } from '../flows/clock.ts';
import { flowScope } from '../scope.ts';
import { closeOwnFlow } from './own-flow.ts';
import type { MessageRef } from './send.ts';

/** `retry`: nothing was sent after all. Otherwise what became of it, as far as anybody knows. */
export type Settlement = { result: 'wait'; waitMs: number } | { result: 'retry' } | { result: 'ended'; status: string };

/**
 * Settles a message of which nobody knows what came, when its time for the provider's word is up. It is not sent again:
 * twice is worse than perhaps. It stays `unknown`, a person is told, and a status that comes late still counts.
 */
export async function settleUnknown(deps: Deps, { tenantId, messageId }: MessageRef): Promise<Settlement> {
  const settled = await unitOfWork(flowScope(deps, tenantId, messageId), async (ctx): Promise<Settlement> => {
    const message = await ctx.em.findOneOrFail(Message, { id: messageId });
    if (message.status === 'queued') return { result: 'retry' };
    if (message.status !== 'unknown') return { result: 'ended', status: endOf(message.status) };
    const left = (message.settleAt?.getTime() ?? 0) - (await flowNow(ctx.em, messageId)).getTime();
    if (left > 0) return { result: 'wait', waitMs: left };
    await raiseAlert(ctx, messageUnknown(message.channelId));
    return { result: 'ended', status: 'unknown' };
  });
  if (settled.result === 'ended')
    await closeOwnFlow(deps.pool, tenantId, { id: messageId, flow_id: messageId }, settled.status);
  return settled;
}

/** The word that a flow ends with whose message is in doubt no more. One that was called off may come back late. */
const endOf = (status: Message['status']): string =>
  status === 'failed' || status === 'cancelled' || status === 'expired' ? status : 'sent';
