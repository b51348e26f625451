import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { runForTenant } from '../database.ts';
import { startsAgain, workflowId, type FlowKind } from '../domain/flow.ts';
import { settleWithoutWorkflow, stateOfWorkflow } from '../services/flows/lost.ts';
import { connected } from '../temporal-away.ts';
import type { OutboxEntry } from './dispatcher.ts';
import type { TemporalLink } from './link.ts';
import { changedSignal, startOptions } from './starts.ts';

/** A start may bring a task with its answer: one that is given up too soon leaves the task to its time-out. */
const TIMEOUT_MS = { start: 5_000, signal: 2_000, cancel: 2_000 };

/** `startedHere`: the first task of the flow was handed to a worker of this process. */
export type Delivery = { startedHere: boolean };

/** No try will ever deliver it. */
export class Undeliverable extends Error {}

/**
 * Tells Temporal one thing. Returns when it is delivered: now, or before (a start that was started, a signal to a flow
 * whose row has ended). Throws when it must be tried again.
 */
export async function deliverEntry(temporal: TemporalLink, pool: Pool, entry: OutboxEntry): Promise<Delivery> {
  const client = connected(temporal);
  const id = workflowId(entry.kind as FlowKind, entry.tenantId, entry.flowId);
  try {
    return await client.connection.withDeadline(Date.now() + TIMEOUT_MS[entry.operation], async () => {
      if (entry.operation !== 'cancel' && startsAgain(entry.kind)) {
        // Whatever such a flow is told starts it: it reads its rows first, and ends if nothing is open.
        const { type, ...options } = optionsOf(entry, temporal);
        const signal = entry.signal ?? changedSignal(entry.kind);
        await client.workflow.signalWithStart(type, { workflowId: id, ...options, signal, signalArgs: [entry.args] });
        return { startedHere: false };
      }
      if (entry.operation === 'start') {
        const { type, ...options } = optionsOf(entry, temporal);
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
    if (!(await nobodyIsLeftToTell(client, pool, entry))) throw error;
    return { startedHere: false };
  }
}

/** The options come from the row alone: where they cannot be made now, they never can. */
function optionsOf(entry: OutboxEntry, temporal: TemporalLink) {
  try {
    return startOptions(entry, { eager: temporal.runsQueue });
  } catch (cause) {
    throw new Undeliverable(`Nothing says how a flow of kind ${entry.kind} starts`, { cause });
  }
}

/**
 * No workflow takes it. While the flow's start is on its way that is no answer; afterwards the flow has ended, or it
 * has lost its workflow, and is settled without one.
 */
async function nobodyIsLeftToTell(client: Client, pool: Pool, { tenantId, flowId, kind }: OutboxEntry) {
  const [flow] = await runForTenant<{ ended: boolean; starting: boolean }>(pool, tenantId, {
    text: `select f.status <> 'running' as ended, exists (
        select from app.outbox o where o.flow_id = f.id and o.operation = 'start'
      ) as starting
      from app.flows f where f.id = $1`,
    values: [flowId],
  });
  if (flow?.starting) return false;
  if (!flow || flow.ended) return true;
  const ref = { tenantId, id: flowId, kind };
  // Asked after the start has left the outbox: one that was delivered in between is seen to run.
  const state = await stateOfWorkflow(client, ref);
  return state !== 'running' && (await settleWithoutWorkflow(pool, ref, state)) === 'ended';
}
