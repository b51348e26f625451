import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Pool } from 'pg';
import { runForTenant } from '../database.ts';
import { workflowId, type FlowKind } from '../domain/flow.ts';
import type { OutboxEntry } from './dispatcher.ts';
import type { TemporalLink } from './link.ts';
import { startOptions } from './starts.ts';

/** A start may bring a task with its answer: one that is given up too soon leaves the task to its time-out. */
const TIMEOUT_MS = { start: 5_000, signal: 2_000, cancel: 2_000 };

/** `startedHere`: the first task of the flow was handed to a worker of this process. */
export type Delivery = { startedHere: boolean };

/**
 * Tells Temporal one thing. Returns when it is delivered: now, or before (a start that was started, a signal to a flow
 * whose row has ended). Throws when it must be tried again.
 */
export async function deliverEntry(temporal: TemporalLink, pool: Pool, entry: OutboxEntry): Promise<Delivery> {
  const client = temporal.client;
  if (!client) throw new Error('Temporal is not connected');
  const id = workflowId(entry.kind as FlowKind, entry.tenantId, entry.flowId);
  try {
    return await client.connection.withDeadline(Date.now() + TIMEOUT_MS[entry.operation], async () => {
      if (entry.operation === 'start') {
        const { type, ...options } = startOptions(entry, { eager: temporal.runsQueue });
        const handle = await client.workflow.start(type, { workflowId: id, ...options });
        return { startedHere: handle.eagerlyStarted };
      }
      const handle = client.workflow.getHandle(id);
      if (entry.operation === 'cancel') await handle.cancel();
      else await handle.signal(entry.signal ?? '', entry.args);
      return { startedHere: false };
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { startedHere: false };
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // Its start may still be on its way: only a flow that has ended after one makes this silence an answer.
    if (!(await flowHasEnded(pool, entry))) throw error;
    return { startedHere: false };
  }
}

async function flowHasEnded(pool: Pool, { tenantId, flowId }: OutboxEntry): Promise<boolean> {
  const rows = await runForTenant<{ ended: boolean }>(pool, tenantId, {
    text: `select f.status <> 'running' and not exists (
        select from app.outbox o where o.flow_id = f.id and o.operation = 'start'
      ) as ended
      from app.flows f where f.id = $1`,
    values: [flowId],
  });
  return rows[0]?.ended ?? true;
}
