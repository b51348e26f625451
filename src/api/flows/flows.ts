import { z } from 'zod';
import { flowStatuses, getFlow, listFlows } from '../../services/flows/get.ts';
import { flowTimeline } from '../../services/flows/timeline.ts';
import { stoppers } from '../../services/flows/unless.ts';
import { tenantRoute } from '../route.ts';
import { id, instant, iso, pageOf, pageQuery } from '../schema.ts';
import { flowKind, flowView, presentFlow } from './view.ts';

const access = { tenant: 'header', verb: 'flows:read' } as const;
const params = z.object({ flow_id: id });

const happened = z.object({
  at: instant,
  what: z.string(),
  by: z.string().meta({ description: 'Of what kind whoever did it is: `user`, `api_key`, `flow`, `provider`, …' }),
  by_id: z.string().optional().meta({ description: 'Which one of these' }),
  item: id.optional().meta({ description: 'The reminder that it is about' }),
  message_id: id.optional(),
  to: instant.optional().meta({ description: 'The instant that it was moved to' }),
  detail: z.string().optional().meta({ description: 'Why, or how, in a word or in somebody’s words' }),
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
      query: pageQuery.extend({ kind: flowKind.optional(), status: z.enum(flowStatuses).optional() }),
      status: 200,
      answer: pageOf(flowView),
    },
    async ({ scope }, { query }) => {
      const page = await listFlows(scope, query);
      return { data: page.rows.map(presentFlow), next_cursor: page.nextCursor };
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
      answer: flowView,
    },
    async ({ scope }, { params: { flow_id } }) => presentFlow(await getFlow(scope, flow_id)),
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
          future: z.array(
            z.object({
              id: id.optional().meta({ description: 'What the controls name it by' }),
              at: instant,
              what: z.string().meta({
                description:
                  'Of a reminder `send`, `send_email` where only its mail waits, or `settle`: it has left, and what came of it is awaited',
              }),
              reason: z.string().meta({ description: 'The rule that it is planned by' }),
              shifts: z
                .array(z.object({ reason: z.string(), from: z.string(), to: z.string() }))
                .optional()
                .meta({ description: 'What has moved it from there' }),
              unless: z.array(z.enum(stoppers)).optional().meta({ description: 'What could still stop it' }),
            }),
          ),
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
