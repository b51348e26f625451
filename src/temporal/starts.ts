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

/** A flow that lives once: its id is used up when it has ended. */
const once = { workflowIdConflictPolicy: 'FAIL', workflowIdReusePolicy: 'REJECT_DUPLICATE' } as const;

/** A flow that lives as long as its rows: each fact that it is told starts it, if it does not run. */
const again = { workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'ALLOW_DUPLICATE' } as const;

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
    ...once,
    // A killed worker's passcode is delivered by another one after this long.
    workflowTaskTimeout: '5s',
    priority: { priorityKey: sendPriority.otp, fairnessKey: fairnessKey(tenantId) },
    requestEagerStart: eager(taskQueues.otp),
  }),
  message: ({ tenantId, flowId, args }) => ({
    type: 'message',
    taskQueue: taskQueues.flows,
    args: [{ tenantId, messageId: flowId, priority: args['priority'] }],
    staticSummary: `Message of tenant ${tenantId}`,
    typedSearchAttributes: new TypedSearchAttributes([
      ...common('message', tenantId, flowId),
      { key: searchAttributes.stage, value: 'planned' },
    ]),
    ...once,
    priority: { priorityKey: Number(args['priority']), fairnessKey: fairnessKey(tenantId) },
  }),
  invoice: ({ tenantId, flowId }) => ({
    type: 'invoice',
    taskQueue: taskQueues.flows,
    args: [{ tenantId, invoiceId: flowId }],
    staticSummary: `Invoice of tenant ${tenantId}`,
    typedSearchAttributes: new TypedSearchAttributes([
      ...common('invoice', tenantId, flowId),
      { key: searchAttributes.stage, value: 'waiting' },
    ]),
    ...again,
    priority: { priorityKey: sendPriority.reminder, fairnessKey: fairnessKey(tenantId) },
  }),
  key_rotation: ({ tenantId, flowId }) => ({
    type: 'keyRotation',
    taskQueue: taskQueues.flows,
    args: [{ tenantId, keyId: flowId }],
    staticSummary: `Replaced API key of tenant ${tenantId}`,
    typedSearchAttributes: new TypedSearchAttributes([
      ...common('key_rotation', tenantId, flowId),
      { key: searchAttributes.stage, value: 'overlap' },
    ]),
    ...once,
    priority: { priorityKey: 5, fairnessKey: fairnessKey(tenantId) },
  }),
  import: ({ tenantId, flowId }) => ({
    type: 'importContacts',
    taskQueue: taskQueues.flows,
    args: [{ tenantId, importId: flowId }],
    staticSummary: `Import of contacts of tenant ${tenantId}`,
    typedSearchAttributes: new TypedSearchAttributes([
      ...common('import', tenantId, flowId),
      { key: searchAttributes.stage, value: 'importing' },
    ]),
    ...once,
    priority: { priorityKey: 5, fairnessKey: fairnessKey(tenantId) },
  }),
};

/** What a flow that starts again is told when nothing more is known than that its rows have changed. */
export const changedSignal = (kind: string): string => `${kind}Changed`;

export const startOptions = (entry: OutboxEntry, context: StartContext): Start =>
  starts[entry.kind as FlowKind](entry, context);

const common = (kind: FlowKind, tenantId: number, id: string) => [
  { key: searchAttributes.tenantId, value: String(tenantId) },
  { key: searchAttributes.flowKind, value: kind },
  { key: searchAttributes.entityId, value: id },
];
