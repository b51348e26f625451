import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Passcode, Sender } from './sender.ts';

/** It has no rows to look anything up in, so everything travels in the workflow's input. */
export type BareReminder = Passcode & { dueAt: number };

const { send } = proxyActivities<{ send: Sender }>({
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '10m',
  taskQueue: 'bare-sends',
  priority: { priorityKey: 3, fairnessKey: 't:1' },
});

/** A reminder without the product: wait until it is due, send, end. */
export async function bareReminder({ dueAt, ...passcode }: BareReminder): Promise<void> {
  await sleep(Math.max(1, dueAt - Date.now()), { summary: 'Reminder' });
  await send(passcode);
}
