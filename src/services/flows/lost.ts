import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { flowKinds, workflowId, type FlowKind } from '../../domain/flow.ts';
import { expireOtp } from '../otp/settle.ts';
import { abandonFlow, restartFlow } from './lost-flow.ts';
import { abandonOtp, restartOtp } from './lost-otp.ts';

export type FlowRef = { tenantId: number; id: string; kind: string };

/** `closed`: it has ended, by itself or by an operator's hand. `absent`: Temporal does not know it. */
type WorkflowState = 'running' | 'closed' | 'absent';

export async function stateOfWorkflow(client: Client, { kind, tenantId, id }: FlowRef): Promise<WorkflowState> {
  try {
    const { status } = await client.workflow.getHandle(workflowId(kind as FlowKind, tenantId, id)).describe();
    return status.name === 'RUNNING' ? 'running' : 'closed';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'absent';
    throw error;
  }
}

/**
 * Settles a running flow that no workflow drives. One whose time is over ends as it would have, since Postgres decides
 * that. Before, one that Temporal does not know is started again; one whose workflow was ended is not: that id is used
 * up, and somebody meant it.
 */
export async function settleWithoutWorkflow(
  pool: Pool,
  { kind, tenantId, id }: FlowRef,
  state: Exclude<WorkflowState, 'running'>,
): Promise<'ended' | 'restarted'> {
  if (!isFlowKind(kind)) throw new Error(`Nothing says how a flow of kind ${kind} is settled`);
  if (kind !== 'otp') {
    if (state === 'absent') return restartFlow(pool, { kind, tenantId, id });
    return abandonFlow(pool, { kind, tenantId, id });
  }
  const passcode = { tenantId, otpId: id };
  if ('outcome' in (await expireOtp({ pool }, passcode))) return 'ended';
  if (state === 'absent') {
    await restartOtp(pool, passcode);
    return 'restarted';
  }
  await abandonOtp(pool, passcode);
  return 'ended';
}

const isFlowKind = (kind: string): kind is FlowKind => (flowKinds as readonly string[]).includes(kind);
