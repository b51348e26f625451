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
import { failureOf, messageFacts, SEND_MS, sendPolicy } from './message-facts.ts';

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
  /** Tries for no longer than until the next reminder, which waits for nothing that this one waits for. */
  const sending = (nextMs: number) => ({
    ...sendPolicy,
    scheduleToCloseTimeout: Math.min(SEND_MS, Math.max(15_000, nextMs)),
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
    const next = await nextReminder({ tenantId, invoiceId, now: Date.now() });
    if (next.step === 'end') {
      // What arrived while the rows were read may have opened it again.
      if (changes !== seen) continue;
      return next.outcome;
    }
    if (next.step === 'wait') {
      await wait(next.until === null ? undefined : msUntil(next), next.stage, next.summary);
      continue;
    }
    const [began, { messageId, mailId, nextMs = Infinity }] = [Date.now(), next];
    /** At most until the next reminder, which may leave where this one cannot. */
    const orNext = (ms: number): number => Math.min(ms, Math.max(1, nextMs - (Date.now() - began)));
    try {
      const { sendMessage } = proxyActivities<SendActivities>({ ...sending(nextMs), summary: next.summary });
      setCurrentDetails(`${next.summary}: sending`);
      const delivery = await sendMessage({ tenantId, messageId, ...(mailId !== undefined && { mailId }) });
      if (delivery.result === 'unknown') {
        await wait(delivery.waitMs, 'unknown_outcome', `${next.summary}: waiting for the provider's word`);
      } else if (delivery.result === 'later') {
        await wait(
          orNext(delivery.waitMs ?? 1_000),
          delivery.reason,
          `${next.summary}: ${delivery.reason.replaceAll('_', ' ')}`,
        );
      }
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      const reason = failureOf(error);
      await wait(orNext(60_000), reason, `${next.summary}: ${reason.replaceAll('_', ' ')}`);
    }
  }
}

/** By the rows' clock: the workflow's stands still at the beginning of its task. A step of before has no such figure. */
const msUntil = ({ until, waitMs }: { until: string; waitMs?: number }): number =>
  waitMs ?? Date.parse(until) - Date.now();
