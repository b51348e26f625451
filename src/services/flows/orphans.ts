import type { Client } from '@temporalio/client';
import type { Deps } from '../../context.ts';
import { flowKinds } from '../../domain/flow.ts';
import { quoted } from '../../quoted.ts';
import { connected } from '../../temporal-away.ts';
import type { TemporalLink } from '../../temporal/link.ts';

type Found = { workflowId: string; tenantId: number; flowId: string };

/** How many workflows a round looks at: one page of Temporal's, and as many look-ups by primary key. */
const PAGE = 500;
const AT_ONCE = 20;
/** Visibility is eventually consistent, so young ones are left out. */
const YOUNG_MS = 10 * 60_000;

/**
 * Looks for workflows that have been running for some time although their row has ended, and cancels them; the row is
 * what decides. A round costs the same however many run: it looks at one page, the newest first, and the next round of
 * this process goes on behind it, until the end is reached and it begins anew. So of n old workflows each is looked at
 * once in n / 500 rounds, times the processes that share the rounds. A process that has just started begins at the front.
 */
export function createOrphanSearch(deps: Deps & { temporal: TemporalLink }): () => Promise<{ stopped: number }> {
  /** How far back the search has come, in ISO 8601. */
  let lookedAt: string | undefined;

  return async () => {
    const client = connected(deps.temporal);
    const { found, oldest } = await pageOfOldWorkflows(client, lookedAt);
    const orphans = await withoutRunningRow(deps, found);
    let stopped = 0;
    for (let at = 0; at < orphans.length; at += AT_ONCE) {
      const results = await Promise.all(orphans.slice(at, at + AT_ONCE).map((orphan) => stop(deps, client, orphan)));
      stopped += results.filter(Boolean).length;
    }
    lookedAt = oldest;
    return { stopped };
  };
}

/** `oldest`: the start of the last one on a page that was filled. */
async function pageOfOldWorkflows(client: Client, from?: string): Promise<{ found: Found[]; oldest?: string }> {
  const old = Date.now() - YOUNG_MS;
  const before = new Date(Math.min(old, from === undefined ? old : Date.parse(from))).toISOString();
  const query = `FlowKind IN (${quoted(flowKinds)}) AND ExecutionStatus = 'Running' AND StartTime <= '${before}'`;
  const found: Found[] = [];
  let last = Infinity;
  for await (const { workflowId, startTime } of client.workflow.list({ query, pageSize: PAGE })) {
    const started = startTime.getTime();
    // The instant of the last one is looked at as a whole: the next page begins a millisecond before it.
    if (found.length >= PAGE && started < last) return { found, oldest: new Date(last - 1).toISOString() };
    last = started;
    const [, tenantId, flowId] = workflowId.split('/');
    if (tenantId && flowId) found.push({ workflowId, tenantId: Number(tenantId), flowId });
  }
  return { found };
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
