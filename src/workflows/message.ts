import {
  ActivityFailure,
  ApplicationFailure,
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

/** Facts that may let a message go before its time is up; its row is what counts. */
export const contactReplied = defineSignal<[{ inboundId: string }]>('contactReplied');
export const templateDecided = defineSignal('templateDecided');
export const channelResumed = defineSignal('channelResumed');
export const channelRemoved = defineSignal('channelRemoved');
export const contactRemoved = defineSignal('contactRemoved');
/** The provider has said what came of a call of which we did not know. */
export const messageSettled = defineSignal('messageSettled');
/** Somebody paused, resumed or moved it by hand. */
export const messageChanged = defineSignal('messageChanged');
export const messageCancelled = defineSignal('messageCancelled');

const wakes = [
  contactReplied,
  templateDecided,
  channelResumed,
  channelRemoved,
  contactRemoved,
  messageSettled,
  messageChanged,
  messageCancelled,
];

export type MessageInput = { tenantId: number; messageId: string; priority: number };

/** Sees one message through: waits for as long as the governor says, sends it, and ends with what became of it. */
export async function message({ tenantId, messageId, priority }: MessageInput): Promise<string> {
  let woken = false;
  // One that comes while the row is being asked counts for the wait that follows.
  for (const signal of wakes) setHandler(signal, () => void (woken = true));
  const wait = async (ms: number, stage: string, summary: string): Promise<void> => {
    setCurrentDetails(summary);
    upsertSearchAttributes({ Stage: [stage], NextActionAt: [new Date(Date.now() + ms)] });
    await condition(() => woken, Math.max(1, ms), { summary });
    woken = false;
    setCurrentDetails('');
  };

  const ref = { tenantId, messageId };
  const options = {
    startToCloseTimeout: '15s',
    priority: { priorityKey: priority, fairnessKey: fairnessKey(tenantId) },
  };
  const sends = proxyActivities<SendActivities>({
    ...options,
    taskQueue: taskQueues.sends,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
    // Past it the row is asked anew from here, where the wait can be seen.
    scheduleToCloseTimeout: '10m',
  });
  const { settleUnknown } = proxyActivities<MessageActivities>({ ...options, taskQueue: taskQueues.flows });

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

/** Why a send that was tried for as long as it may be has come to nothing. What waits says so itself, before that. */
const failureOf = ({ cause }: ActivityFailure): string =>
  cause instanceof ApplicationFailure ? (cause.type ?? 'internal_error') : 'no_worker';
