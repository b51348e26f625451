import { unitOfWork, type Deps } from '../../context.ts';
import { messageUnknown } from '../alerts/message-unknown.ts';
import { raiseAlert } from '../alerts/raise.ts';
import { lockInvoice } from '../invoices/get.ts';
import type { Recorded } from '../messages/record.ts';
import { flowScope } from '../scope.ts';
import { endReminders } from './settle.ts';

type Called = { id: string; kind: string; flow_id: string | null; channel_id: string };

/**
 * Does for a message what its flow would, where nobody drives that any more, or it has gone on without the provider's
 * word: its reminder says what came of it, and a person is told where nobody knows.
 */
export function settleUndriven(
  deps: Deps,
  tenantId: number,
  { id, kind, flow_id, channel_id }: Called,
  { status }: Pick<Recorded, 'status'>,
): Promise<void> {
  const flowId = flow_id ?? id;
  return unitOfWork(flowScope(deps, tenantId, flowId), async (ctx) => {
    if (kind === 'reminder') {
      await lockInvoice(ctx, flowId);
      await endReminders(ctx, flowId);
    }
    if (status === 'unknown') await raiseAlert(ctx, messageUnknown(channel_id));
  });
}
