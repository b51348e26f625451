import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';

export type InvoiceWorkflows = Awaited<ReturnType<typeof invoiceWorkflows>>;

const RUNNING = `FlowKind = 'invoice' and ExecutionStatus = 'Running'`;

/** How many invoices Temporal has, as it tells itself. */
export async function invoiceWorkflows(address: string) {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const until = async (count: number, query: string): Promise<void> => {
    while ((await client.workflow.count(query)).count < count) await sleep(100);
  };
  return {
    client,
    /** Resolves when so many run. */
    running: (count: number) => until(count, RUNNING),
    /** Resolves when so many have had their first task: it is what says when they act next. */
    asleep: (count: number) => until(count, `${RUNNING} and NextActionAt is not null`),
    close: () => connection.close(),
  };
}
