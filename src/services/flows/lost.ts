import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { flowKinds, startsAgain, workflowId, type FlowKind } from '../../domain/flow.ts';
import { expireOtp } from '../otp/settle.ts';
import { abandonFlow, restartFlow } from './lost-flow.ts';
import { abandonOtp, restartOtp } from './lost-otp.ts';

export type FlowRef = { tenantId: number; id: string; kind: string };

/** `ended`: by itself. `stopped`: by an operator's hand. `absent`: Temporal does not know it. */
type WorkflowState = 'running' | 'ended' | 'stopped' | 'absent';

export async function stateOfWorkflow(client: Client, { kind, tenantId, id }: FlowRef): Promise<WorkflowState> {
  try {
    const { status } = await client.workflow.getHandle(workflowId(kind as FlowKind, tenantId, id)).describe();
    if (status.name === 'RUNNING') return 'running';
    return status.name === 'TERMINATED' || status.name === 'CANCELLED' ? 'stopped' : 'ended';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'absent';
    throw error;
  }
}

/**
 * Settles a running flow that no workflow drives. One whose time is over ends as it would have, since Postgres decides
 * that. Before, one that Temporal does not know is started again; one whose workflow has ended is not, since its id is
 * used up, unless it is of a kind that starts again and nobody stopped it by hand.
 */
export async function settleWithoutWorkflow(
  pool: Pool,
  { kind, tenantId, id }: FlowRef,
  state: Exclude<WorkflowState, 'running'>,
): Promise<'ended' | 'restarted'> {
  if (!isFlowKind(kind)) throw new Error(`Nothing says how a flow of kind ${kind} is settled`);
  if (kind !== 'otp') {
    // A flow that lives as long as its rows has one run after the other: one that has ended is no answer.
    if (state === 'absent' || (state === 'ended' && startsAgain(kind))) {
      return restartFlow(pool, { kind, tenantId, id });
    }
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
