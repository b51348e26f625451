import { activityInfo } from '@temporalio/activity';
import { setClock } from '../services/flows/clock.ts';
import { settleUnknown, type Settlement } from '../services/messages/settle.ts';
import type { MessageRef } from '../services/messages/send.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: what a message's flow does beside sending. */
export const createMessageActivities = (deps: ActivityDeps) => ({
  async settleUnknown(message: MessageRef): Promise<Settlement> {
    await setClock(deps, message.tenantId, message.messageId, activityInfo().currentAttemptScheduledTimestampMs);
    return settleUnknown(deps, message);
  },
});

export type MessageActivities = ReturnType<typeof createMessageActivities>;
