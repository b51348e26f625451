import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { unitOfWork, type Deps } from '../../context.ts';
import { workflowId, type FlowKind } from '../../domain/flow.ts';
import { enqueue } from '../outbox.ts';
import { expireOtp } from '../otp/settle.ts';
import { scopeOf } from '../scope.ts';
import type { TemporalLink } from '../../temporal/link.ts';

type Overdue = { tenant_id: number; id: string; kind: FlowKind };

/** How long after its next action a flow may still be on its way before somebody asks. */
const GRACE = '1 minute';
const BATCH = 500;

/**
 * Finds flows whose row says that something should have happened by now, and asks Temporal about each: one without a
 * workflow is started again, one whose workflow has ended is settled by its rows, one that runs is left alone.
 */
export async function mendOverdueFlows(
  deps: Deps & { temporal: TemporalLink },
): Promise<{ restarted: number; ended: number }> {
  const { client } = deps.temporal;
  if (!client) throw new Error('Temporal is not connected');
  const { rows } = await deps.pool.query<Overdue>('select * from app.overdue_flows($1::interval, $2)', [GRACE, BATCH]);
  const counts = { restarted: 0, ended: 0 };
  for (const flow of rows) {
    const state = await stateOf(client, flow);
    if (state === 'running') continue;
    if (state === 'closed') {
      await expireOtp(deps, { tenantId: flow.tenant_id, otpId: flow.id });
      counts.ended += 1;
    } else {
      await restart(deps, flow);
      counts.restarted += 1;
    }
    deps.log.warn({ tenant_id: flow.tenant_id, flow_id: flow.id, state }, 'a flow was out of step and is mended');
  }
  return counts;
}

async function stateOf(client: Client, { kind, tenant_id, id }: Overdue): Promise<'running' | 'closed' | 'absent'> {
  try {
    const { status } = await client.workflow.getHandle(workflowId(kind, tenant_id, id)).describe();
    return status.name === 'RUNNING' ? 'running' : 'closed';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'absent';
    throw error;
  }
}

function restart(deps: Deps, { tenant_id, id, kind }: Overdue): Promise<void> {
  return unitOfWork(scopeOf(deps, tenant_id, { type: 'system', id: 'reconciler' }), async (ctx) => {
    const [row] = await ctx.em.execute<{ expires_at: string }[]>(
      `select to_char(expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as expires_at
       from app.otps where id = ?`,
      [id],
    );
    if (!row) return;
    const args = { expiresAt: row.expires_at };
    await enqueue(ctx, { operation: 'start', kind, flowId: id, signal: null, args });
  });
}
