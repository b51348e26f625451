import type { Client } from '@temporalio/client';
import type { Deps } from '../../context.ts';
import { flowKinds } from '../../domain/flow.ts';
import type { TemporalLink } from '../../temporal/link.ts';

type Found = { workflowId: string; tenantId: number; flowId: string };

const PAGE = 500;

/**
 * Finds workflows that have been running for some time although their row has ended, and cancels them. Visibility is
 * eventually consistent, so young ones are left out, and the row is what decides.
 */
export async function stopOrphanedWorkflows(deps: Deps & { temporal: TemporalLink }): Promise<{ stopped: number }> {
  const { client } = deps.temporal;
  if (!client) throw new Error('Temporal is not connected');
  let stopped = 0;
  for await (const page of pagesOfOldWorkflows(client)) {
    for (const orphan of await withoutRunningRow(deps, page)) if (await stop(deps, client, orphan)) stopped += 1;
  }
  return { stopped };
}

async function* pagesOfOldWorkflows(client: Client): AsyncGenerator<Found[]> {
  const before = new Date(Date.now() - 10 * 60_000).toISOString();
  const query = `FlowKind IN (${flowKinds.map((kind) => `'${kind}'`).join(', ')}) AND ExecutionStatus = 'Running' AND StartTime < '${before}'`;
  let page: Found[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) {
    const [, tenantId, flowId] = workflowId.split('/');
    if (tenantId && flowId) page.push({ workflowId, tenantId: Number(tenantId), flowId });
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function withoutRunningRow({ pool }: Deps, found: Found[]): Promise<Found[]> {
  const { rows } = await pool.query<{ id: string }>('select id from app.running_flows($1, $2)', [
    found.map(({ tenantId }) => tenantId),
    found.map(({ flowId }) => flowId),
  ]);
  const running = new Set(rows.map(({ id }) => id));
  return found.filter(({ flowId }) => !running.has(flowId));
}

/** One that cannot be stopped, since it has just ended or for a worse reason, keeps no other from it. */
async function stop({ log }: Deps, client: Client, { workflowId, tenantId, flowId }: Found): Promise<boolean> {
  const names = { tenant_id: tenantId, flow_id: flowId };
  try {
    await client.workflow.getHandle(workflowId).cancel();
    log.warn(names, 'a workflow without an active row is stopped');
    return true;
  } catch (error) {
    log.warn({ err: error, ...names }, 'a workflow without an active row could not be stopped');
    return false;
  }
}
