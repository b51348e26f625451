import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import type { Deps } from '../../context.ts';
import { runForTenant } from '../../database.ts';
import { connected } from '../../temporal-away.ts';
import type { TemporalLink } from '../../temporal/link.ts';
import { settleWithoutWorkflow, stateOfWorkflow, type FlowRef } from './lost.ts';

type Overdue = { tenant_id: number; id: string; kind: string; due: string };
type Mended = 'restarted' | 'ended' | 'failed';

/**
 * How long after its next action a flow may still be on its way before somebody asks. A flow that lost its workflow is
 * therefore found no sooner: to look for it earlier would be to ask Temporal about every passcode that lives.
 */
const GRACE = '1 minute';
const PAGE = 500;
const AT_ONCE = 20;

/**
 * Finds flows whose row says that something should have happened by now, and asks Temporal about each: one that runs is
 * left alone, and one that no workflow drives is settled. It goes through all of them, and one that cannot be mended
 * keeps nobody else from it.
 */
export async function mendOverdueFlows(deps: Deps & { temporal: TemporalLink }): Promise<Record<Mended, number>> {
  const client = connected(deps.temporal);
  const counts = { restarted: 0, ended: 0, failed: 0 };
  for await (const page of overduePages(deps)) {
    for (let at = 0; at < page.length; at += AT_ONCE) {
      const results = await Promise.all(page.slice(at, at + AT_ONCE).map((flow) => mend(deps, client, flow)));
      for (const result of results) if (result) counts[result] += 1;
    }
  }
  return counts;
}

async function* overduePages({ pool }: Deps): AsyncGenerator<FlowRef[]> {
  let last = { due: '-infinity', id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const { rows } = await pool.query<Overdue>('select * from app.overdue_flows($1::interval, $2, $3, $4)', [
      GRACE,
      last.due,
      last.id,
      PAGE,
    ]);
    yield rows.map(({ tenant_id, id, kind }) => ({ tenantId: tenant_id, id, kind }));
    if (rows.length < PAGE) return;
    last = rows.at(-1) ?? last;
  }
}

async function mend({ pool, log }: Deps, client: Client, flow: FlowRef): Promise<Mended | undefined> {
  const names = { tenant_id: flow.tenantId, flow_id: flow.id };
  try {
    const state = await stateOfWorkflow(client, flow);
    if (state === 'running' || !(await stillRuns(pool, flow))) return undefined;
    const result = await settleWithoutWorkflow(pool, flow, state);
    log.warn({ ...names, state, result }, 'a flow was out of step and is mended');
    return result;
  } catch (error) {
    log.error({ err: error, ...names }, 'a flow is out of step and could not be mended');
    return 'failed';
  }
}

/** It may have ended by itself after its row was read. */
async function stillRuns(pool: Pool, { tenantId, id }: FlowRef): Promise<boolean> {
  const rows = await runForTenant(pool, tenantId, {
    text: `select id from app.flows where id = $1 and status = 'running'`,
    values: [id],
  });
  return rows.length > 0;
}
