import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

export const flowStatuses = ['running', 'completed', 'failed', 'cancelled'] as const;

const FlowSchema = defineEntity({
  name: 'Flow',
  tableName: 'flows',
  properties: {
    ...tenantColumns,
    kind: p.text(),
    contactId: p.uuid().nullable(),
    waitsForReply: p.boolean().default(false),
    status: p.enum(flowStatuses).default('running'),
    stage: p.text(),
    outcome: p.text().nullable(),
    /** Of one that was called off while something of it was at the provider: the outcome that it comes to. */
    ending: p.text().nullable(),
    nextAction: p.text().nullable(),
    nextActionAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    endedAt: p.datetime().nullable(),
    pausedAt: p.datetime().nullable(),
    pauseReason: p.text().nullable(),
    /** What time it was for the flow when it was read, for whoever asks for it with the row. */
    now: p
      .datetime()
      .formula((_columns, flow) => `(clock_timestamp() + ${flow.toString()}.clock_offset)`)
      .lazy(),
  },
});

/** What a workflow is doing, as rows tell it. A flow has the id of the entity that it drives. */
export class Flow extends FlowSchema.class {}
FlowSchema.setClass(Flow);
