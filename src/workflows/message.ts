import {
  ActivityFailure,
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { MessageActivities, SendActivities } from '../activities/index.ts';
import { fairnessKey, taskQueues } from '../domain/flow.ts';
import { failureOf, messageFacts, sendPolicy } from './message-facts.ts';

/** Somebody paused, resumed or moved it by hand. */
const messageChanged = defineSignal('messageChanged');

export type MessageInput = { tenantId: number; messageId: string; priority: number };

/** Sees one message through: waits for as long as the governor says, sends it, and ends with what became of it. */
export async function message({ tenantId, messageId, priority }: MessageInput): Promise<string> {
  let woken = false;
  // One that comes while the row is being asked counts for the wait that follows.
  for (const signal of [...messageFacts, messageChanged]) setHandler(signal, () => void (woken = true));
  const wait = async (ms: number, stage: string, summary: string): Promise<void> => {
    setCurrentDetails(summary);
    upsertSearchAttributes({ Stage: [stage], NextActionAt: [new Date(Date.now() + ms)] });
    await condition(() => woken, Math.max(1, ms), { summary });
    woken = false;
    setCurrentDetails('');
  };

  const ref = { tenantId, messageId };
  const priorities = { priorityKey: priority, fairnessKey: fairnessKey(tenantId) };
  const sends = proxyActivities<SendActivities>({ ...sendPolicy, taskQueue: taskQueues.sends, priority: priorities });
  const { settleUnknown } = proxyActivities<MessageActivities>({
    startToCloseTimeout: sendPolicy.startToCloseTimeout,
    taskQueue: taskQueues.flows,
    priority: priorities,
  });

  for (;;) {
    let delivery;
    try {
      delivery = await sends.sendMessage(ref);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      delivery = { result: 'later' as const, waitMs: 60_000, reason: failureOf(error) };
    }
    if (delivery.result === 'sent') return 'sent';
    if (delivery.result === 'over') return delivery.status;
    if (delivery.result === 'later') {
      await wait(
        delivery.waitMs ?? 1_000,
        delivery.reason,
        `The message waits: ${delivery.reason.replaceAll('_', ' ')}`,
      );
      // One that waits for weeks looks again and again; the row has all that the next run needs.
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof message>({ tenantId, messageId, priority });
      continue;
    }
    let waitMs = delivery.waitMs;
    for (;;) {
      await wait(waitMs, 'unknown_outcome', 'The provider may still say what came of the message');
      const settled = await settleUnknown(ref);
      if (settled.result === 'ended') return settled.status;
      if (settled.result === 'retry') break;
      waitMs = settled.waitMs;
    }
  }
}
