import { z } from 'zod';
import { controlFlow } from '../../services/flows/controls/control.ts';
import { controlVerbs, type ControlVerb } from '../../services/flows/controls/verbs.ts';
import { tenantRoute } from '../route.ts';
import { id, instantInput, line } from '../schema.ts';
import { flowView, presentFlow } from './view.ts';

const access = { tenant: 'header', verb: 'flows:write' } as const;
const reason = line(500).meta({
  description: 'Why; it stands in the audit log beside who, also after a contact is erased: name nobody in it',
});
const item = id.optional().meta({
  description:
    'What is meant: an `id` of the timeline’s `future`. The next one, if absent; named, a repeat changes nothing.',
});

const inputs = {
  pause: z.strictObject({ reason }),
  resume: z.strictObject({
    reason,
    mode: z.enum(['keep', 'shift']).default('keep').meta({
      description: '`keep` leaves what is planned at its instants, `shift` moves it by as long as the pause lasted',
    }),
  }),
  skip: z.strictObject({ reason, item }),
  'run-now': z.strictObject({ reason, item }),
  reschedule: z.strictObject({ reason, item, at: instantInput }),
  cancel: z.strictObject({ reason }),
} satisfies Record<ControlVerb, z.ZodType>;

const summaries: Record<ControlVerb, string> = {
  pause: 'Pause a flow: nothing of it is sent until it is resumed',
  resume: 'Resume a paused flow',
  skip: 'Skip what a flow would do next',
  'run-now': 'Do now what a flow would do next',
  reschedule: 'Move what a flow would do next',
  cancel: 'End a flow, with all that it has planned',
};

const operationIds: Record<ControlVerb, string> = {
  pause: 'pauseFlow',
  resume: 'resumeFlow',
  skip: 'skipNext',
  'run-now': 'runNow',
  reschedule: 'rescheduleNext',
  cancel: 'cancelFlow',
};

/** What a person may do to a flow by hand. Each takes effect with its answer, and asked for again changes nothing. */
export const controlRoutes = controlVerbs.map((verb) =>
  tenantRoute(
    {
      access,
      method: 'post',
      path: `/api/v1/flows/{flow_id}/${verb}`,
      operationId: operationIds[verb],
      tag: 'Flows',
      summary: summaries[verb],
      params: z.object({ flow_id: id }),
      body: inputs[verb] as z.ZodType<z.output<(typeof inputs)['reschedule']> & { mode?: 'keep' | 'shift' }>,
      status: 200,
      answer: flowView,
      errors: ['not_pausable', 'control_not_available', 'flow_ended', 'nothing_planned'],
    },
    async ({ scope }, { params: { flow_id }, body }) => presentFlow(await controlFlow(scope, flow_id, verb, body)),
  ),
);
