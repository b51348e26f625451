import { Client, Connection } from '@temporalio/client';

export type Tasks = { flows: number; workflowTasks: number; activities: number; events: number; historyBytes: number };

/** What these flows cost Temporal, on average, as their histories tell. */
export async function tasksOf(address: string, workflowIds: string[]): Promise<Tasks> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const sums = { workflowTasks: 0, activities: 0, events: 0, historyBytes: 0 };
    for (const id of workflowIds) {
      const handle = client.workflow.getHandle(id);
      const { events } = await handle.fetchHistory();
      const { historySize } = await handle.describe();
      const completed = (kind: 'workflowTaskCompleted' | 'activityTaskCompleted') =>
        events?.filter((event) => event[`${kind}EventAttributes`]).length ?? 0;
      sums.workflowTasks += completed('workflowTaskCompleted');
      sums.activities += completed('activityTaskCompleted');
      sums.events += events?.length ?? 0;
      sums.historyBytes += historySize ?? 0;
    }
    const means = Object.entries(sums).map(([name, sum]) => [name, Math.round((sum / workflowIds.length) * 100) / 100]);
    return { flows: workflowIds.length, ...(Object.fromEntries(means) as typeof sums) };
  } finally {
    await connection.close();
  }
}
