import { quoted } from '../../../src/quoted.ts';
import type { World } from './world.ts';

export type Workflows = { running: Set<string>; failed: string[] };

/** What Temporal knows of these tenants' flows, by the kind and the id of the flow's row: `otp/…`. */
export async function readWorkflows({ temporalClient }: World, tenantIds: number[]): Promise<Workflows> {
  const running = new Set<string>();
  const failed: string[] = [];
  const of = `TenantId IN (${quoted(tenantIds)})`;
  const query = `${of} AND ExecutionStatus IN ('Running', 'Failed', 'Terminated', 'TimedOut')`;
  for await (const { workflowId, status } of temporalClient.workflow.list({ query })) {
    if (status.name === 'RUNNING') running.add(workflowId.replace(/^([^/]+)\/[^/]+\//, '$1/'));
    else failed.push(`${workflowId} ${status.name}`);
  }
  return { running, failed };
}
