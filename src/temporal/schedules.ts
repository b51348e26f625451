import { Client, ScheduleAlreadyRunning } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Config } from '../config.ts';
import { taskQueues } from '../domain/flow.ts';

/** The reconciler's schedule, made once per namespace. An operator may pause it or change its pace in the UI. */
export async function ensureReconciler(connection: NativeConnection, config: Config): Promise<void> {
  const { schedule } = new Client({ connection, namespace: config.temporal.namespace });
  try {
    await schedule.create({
      scheduleId: 'reconcile',
      spec: { intervals: [{ every: '1m' }] },
      policies: { overlap: 'SKIP', catchupWindow: '1m' },
      action: {
        type: 'startWorkflow',
        workflowType: 'reconcile',
        taskQueue: taskQueues.flows,
        staticSummary: 'Compares rows with workflows and mends what differs',
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
