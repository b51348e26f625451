import { z } from 'zod';
import { flowKinds, workflowId, type FlowKind } from '../domain/flow.ts';
import type { Flow } from '../entities/flow.ts';
import { flowStatuses, getFlow, listFlows } from '../services/flows/get.ts';
import { flowTimeline } from '../services/flows/timeline.ts';
import { tenantRoute } from './route.ts';
import { id, instant, iso, isoOrNull, pageOf, pageQuery } from './schema.ts';

const kind = z.enum(flowKinds);

const flow = z
  .object({
    id: id.meta({ description: 'The id of what the flow drives: a passcode has the same one' }),
    kind,
    status: z.enum(flowStatuses),
    stage: z.string(),
    outcome: z.string().nullable(),
    next_action: z.string().nullable(),
    next_action_at: instant.nullable(),
    workflow_id: z.string(),
    created_at: instant,
    updated_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Flow' });

const present = (row: Flow) => ({
  id: row.id,
  kind: row.kind as FlowKind,
  status: row.status,
  stage: row.stage,
  outcome: row.outcome ?? null,
  next_action: row.nextAction ?? null,
  next_action_at: isoOrNull(row.nextActionAt),
  workflow_id: workflowId(row.kind as FlowKind, row.tenantId, row.id),
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
  ended_at: isoOrNull(row.endedAt),
});

const access = { tenant: 'header', role: 'viewer', permission: 'flows:read' } as const;
const params = z.object({ flow_id: id });

const happened = z.object({
  at: instant,
  what: z.string(),
  by: z.string(),
  message_id: id.optional(),
  detail: z.string().optional(),
});

export const flowRoutes = [
  tenantRoute(
    {
      access,
      method: 'get',
      path: '/api/v1/flows',
      operationId: 'listFlows',
      tag: 'Flows',
      summary: 'List flows, newest first',
      query: pageQuery.extend({ kind: kind.optional(), status: z.enum(flowStatuses).optional() }),
      status: 200,
      answer: pageOf(flow),
    },
    async ({ scope }, { query }) => {
      const page = await listFlows(scope, query);
      return { data: page.rows.map(present), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access,
      method: 'get',
      path: '/api/v1/flows/{flow_id}',
      operationId: 'getFlow',
      tag: 'Flows',
      summary: 'Show a flow',
      params,
      status: 200,
      answer: flow,
    },
    async ({ scope }, { params: { flow_id } }) => present(await getFlow(scope, flow_id)),
  ),
  tenantRoute(
    {
      access,
      method: 'get',
      path: '/api/v1/flows/{flow_id}/timeline',
      operationId: 'getFlowTimeline',
      tag: 'Flows',
      summary: 'What has happened, what is now, what comes next and when',
      params,
      status: 200,
      answer: z
        .object({
          past: z.array(happened),
          current: z.object({ stage: z.string(), status: z.enum(flowStatuses), outcome: z.string().nullable() }),
          future: z.array(z.object({ at: instant, what: z.string(), reason: z.string() })),
        })
        .meta({ id: 'Timeline' }),
    },
    async ({ scope }, { params: { flow_id } }) => {
      const timeline = await flowTimeline(scope, flow_id);
      return {
        ...timeline,
        past: timeline.past.map((item) => ({ ...item, at: iso(item.at) })),
        future: timeline.future.map((item) => ({ ...item, at: iso(item.at) })),
      };
    },
  ),
];
