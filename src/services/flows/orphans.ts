import type { Deps } from '../../context.ts';
import type { TemporalLink } from '../../temporal/link.ts';

const BATCH = 500;

/**
 * Finds workflows that have been running for some time although their row has ended, and cancels them. Visibility is
 * eventually consistent, so young ones are left out, and the row is what decides.
 */
export async function stopOrphanedWorkflows(deps: Deps & { temporal: TemporalLink }): Promise<{ stopped: number }> {
  const { client } = deps.temporal;
  if (!client) throw new Error('Temporal is not connected');
  const before = new Date(Date.now() - 10 * 60_000).toISOString();
  const query = `WorkflowType = 'otp' AND ExecutionStatus = 'Running' AND StartTime < '${before}'`;

  const found: { id: string; tenantId: number; flowId: string }[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) {
    const [, tenantId, flowId] = workflowId.split('/');
    if (tenantId && flowId) found.push({ id: workflowId, tenantId: Number(tenantId), flowId });
    if (found.length >= BATCH) break;
  }
  if (found.length === 0) return { stopped: 0 };

  const { rows } = await deps.pool.query<{ id: string }>('select id from app.running_flows($1, $2)', [
    found.map(({ tenantId }) => tenantId),
    found.map(({ flowId }) => flowId),
  ]);
  const running = new Set(rows.map(({ id }) => id));
  const orphans = found.filter(({ flowId }) => !running.has(flowId));
  for (const { id, tenantId, flowId } of orphans) {
    await client.workflow.getHandle(id).cancel();
    deps.log.warn({ tenant_id: tenantId, flow_id: flowId }, 'a workflow without an active row is stopped');
  }
  return { stopped: orphans.length };
}
