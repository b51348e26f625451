import { z } from 'zod';
import { flowKinds, workflowId, type FlowKind } from '../../domain/flow.ts';
import type { Flow } from '../../entities/flow.ts';
import { flowStatuses } from '../../services/flows/get.ts';
import { id, instant, iso, isoOrNull } from '../schema.ts';

export const flowKind = z.enum(flowKinds);

export const flowView = z
  .object({
    id: id.meta({ description: 'The id of what the flow drives: a passcode has the same one' }),
    kind: flowKind,
    status: z.enum(flowStatuses),
    stage: z.string(),
    outcome: z
      .string()
      .nullable()
      .meta({
        description:
          'The word that it ended with. Of an invoice: `paid`, `void`, `uncollectible`, `cancelled`; while it is still ' +
          'owed `reminded`, or `not_reminded` when no reminder has left',
      }),
    next_action: z.string().nullable(),
    next_action_at: instant.nullable(),
    workflow_id: z.string(),
    created_at: instant,
    updated_at: instant,
    paused_at: instant.nullable().meta({
      description: 'A pause holds until it is resumed: what is added to a flow that ended in one waits as well',
    }),
    pause_reason: z.string().nullable(),
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Flow' });

export const presentFlow = (row: Flow) => ({
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
  paused_at: isoOrNull(row.pausedAt),
  pause_reason: row.pauseReason ?? null,
  ended_at: isoOrNull(row.endedAt),
});
