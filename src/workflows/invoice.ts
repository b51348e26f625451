import {
  ActivityFailure,
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { InvoiceActivities, SendActivities } from '../activities/index.ts';
import { fairnessKey, sendPriority, taskQueues } from '../domain/flow.ts';
import { messageFacts, sendPolicy } from './message-facts.ts';

/** Facts after which the rows are read again; they alone decide what follows. */
const invoiceFacts = ['invoiceChanged', 'invoicePaid', 'invoiceRefunded', 'invoiceClosed'].map((name) =>
  defineSignal(name),
);

export type InvoiceInput = { tenantId: number; invoiceId: string };

const { nextReminder } = proxyLocalActivities<InvoiceActivities>({
  startToCloseTimeout: '5s',
  // While Postgres is away the workflow task is given up and tried again, which keeps nothing in memory.
  retry: { initialInterval: '250ms', maximumInterval: '5s' },
});

/** Reminds of one invoice until it is paid or closed, or the last reminder has left. Any run may be its first. */
export async function invoice({ tenantId, invoiceId }: InvoiceInput): Promise<string> {
  let changes = 0;
  for (const signal of [...invoiceFacts, ...messageFacts]) setHandler(signal, () => void (changes += 1));
  const { sendMessage } = proxyActivities<SendActivities>({
    ...sendPolicy,
    taskQueue: taskQueues.sends,
    priority: { priorityKey: sendPriority.reminder, fairnessKey: fairnessKey(tenantId) },
  });

  for (;;) {
    const seen = changes;
    const wait = async (ms: number | undefined, stage: string, summary: string): Promise<void> => {
      setCurrentDetails(summary);
      upsertSearchAttributes({
        Stage: [stage],
        NextActionAt: ms === undefined ? [] : [new Date(Date.now() + ms)],
      });
      if (ms === undefined) await condition(() => changes !== seen);
      else await condition(() => changes !== seen, Math.max(1, ms), { summary });
    };
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof invoice>({ tenantId, invoiceId });
    const next = await nextReminder({ tenantId, invoiceId });
    if (next.step === 'end') {
      // What arrived while the rows were read may have opened it again.
      if (changes !== seen) continue;
      return next.outcome;
    }
    if (next.step === 'wait') {
      await wait(next.until === null ? undefined : Date.parse(next.until) - Date.now(), next.stage, next.summary);
      continue;
    }
    try {
      const delivery = await sendMessage({ tenantId, messageId: next.messageId });
      if (delivery.result === 'unknown') {
        await wait(delivery.waitMs, 'settling', `${next.summary}: waiting for the provider's word`);
      } else if (delivery.result === 'later') {
        await wait(
          delivery.waitMs ?? 1_000,
          delivery.reason,
          `${next.summary}: ${delivery.reason.replaceAll('_', ' ')}`,
        );
      }
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      await wait(60_000, 'retrying', `${next.summary}: retrying`);
    }
  }
}
