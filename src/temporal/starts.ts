import type { WorkflowStartOptions } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { fairnessKey, sendPriority, taskQueues, type FlowKind } from '../domain/flow.ts';
import type { OutboxEntry } from './dispatcher.ts';

/** What an operator can search the Temporal UI by. */
export const searchAttributes = {
  tenantId: defineSearchAttributeKey('TenantId', SearchAttributeType.KEYWORD),
  flowKind: defineSearchAttributeKey('FlowKind', SearchAttributeType.KEYWORD),
  entityId: defineSearchAttributeKey('EntityId', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('Stage', SearchAttributeType.KEYWORD),
  nextActionAt: defineSearchAttributeKey('NextActionAt', SearchAttributeType.DATETIME),
} as const;

type Start = Omit<WorkflowStartOptions, 'workflowId'> & { type: string; taskQueue: string };
type StartContext = { eager: (queue: string) => boolean };

/** How each kind of flow is started; the arguments come from the outbox row. */
const starts: Record<FlowKind, (entry: OutboxEntry, context: StartContext) => Start> = {
  otp: ({ tenantId, flowId, args }, { eager }) => ({
    type: 'otp',
    taskQueue: taskQueues.otp,
    args: [{ tenantId, otpId: flowId, expiresAt: args['expiresAt'] }],
    staticSummary: `One-time passcode of tenant ${tenantId}`,
    typedSearchAttributes: new TypedSearchAttributes([
      ...common('otp', tenantId, flowId),
      { key: searchAttributes.stage, value: 'awaiting_code' },
      { key: searchAttributes.nextActionAt, value: new Date(String(args['expiresAt'])) },
    ]),
    workflowIdConflictPolicy: 'FAIL',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    // A killed worker's passcode is delivered by another one after this long.
    workflowTaskTimeout: '5s',
    priority: { priorityKey: sendPriority.otp, fairnessKey: fairnessKey(tenantId) },
    requestEagerStart: eager(taskQueues.otp),
  }),
};

export const startOptions = (entry: OutboxEntry, context: StartContext): Start =>
  starts[entry.kind as FlowKind](entry, context);

const common = (kind: FlowKind, tenantId: number, id: string) => [
  { key: searchAttributes.tenantId, value: String(tenantId) },
  { key: searchAttributes.flowKind, value: kind },
  { key: searchAttributes.entityId, value: id },
];
