import { Client, ScheduleAlreadyRunning, type ScheduleOptions } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Config } from '../config.ts';
import { taskQueues } from '../domain/flow.ts';

/** The schedules, made once per namespace. An operator may pause one or change its pace in the UI. */
export async function ensureSchedules(connection: NativeConnection, config: Config): Promise<void> {
  const { schedule } = new Client({ connection, namespace: config.temporal.namespace });
  for (const options of schedules) {
    try {
      await schedule.create(options);
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
}

const schedules: ScheduleOptions[] = [
  {
    scheduleId: 'reconcile',
    spec: { intervals: [{ every: '1m' }] },
    policies: { overlap: 'SKIP', catchupWindow: '1m' },
    action: {
      type: 'startWorkflow',
      workflowType: 'reconcile',
      taskQueue: taskQueues.flows,
      staticSummary: 'Compares rows with workflows and mends what differs',
    },
  },
  {
    scheduleId: 'reconcile-payments',
    spec: { calendars: [{ hour: 2, minute: 30 }] },
    policies: { overlap: 'SKIP', catchupWindow: '12h' },
    action: {
      type: 'startWorkflow',
      workflowType: 'reconcilePayments',
      taskQueue: taskQueues.flows,
      staticSummary: 'Asks payment providers for what was not reported',
    },
  },
  {
    scheduleId: 'purge-tenants',
    spec: { calendars: [{ hour: 3, minute: 30 }] },
    policies: { overlap: 'SKIP', catchupWindow: '12h' },
    action: {
      type: 'startWorkflow',
      workflowType: 'purgeTenants',
      taskQueue: taskQueues.flows,
      staticSummary: 'Removes tenants that were deleted more than 30 days ago',
    },
  },
];

export const scheduleIds = schedules.map(({ scheduleId }) => scheduleId);
