import { Client, Connection } from '@temporalio/client';

export type Tasks = { flows: number; workflowTasks: number; activities: number; events: number; historyBytes: number };

/** All histories tell the same; the last ones stand for them. */
const HISTORIES = 20;

/** What these flows cost Temporal, on average, as their histories tell. */
export async function tasksOf(address: string, workflowIds: string[]): Promise<Tasks> {
  return withClient(address, (client) => average(client, workflowIds));
}

/** The same of the last flows that were started since then; nothing when none was. */
export async function tasksSince(address: string, since: Date): Promise<Tasks | undefined> {
  return withClient(address, async (client) => {
    const ids: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query: `StartTime >= '${since.toISOString()}'` })) {
      // Temporal's schedules run workflows as well.
      if (/^(otp|message|invoice)\//.test(workflowId)) ids.push(workflowId);
      if (ids.length === HISTORIES) break;
    }
    return ids.length > 0 ? average(client, ids) : undefined;
  });
}

async function withClient<Result>(address: string, ask: (client: Client) => Promise<Result>): Promise<Result> {
  const connection = await Connection.connect({ address });
  try {
    return await ask(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

async function average(client: Client, workflowIds: string[]): Promise<Tasks> {
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
}
