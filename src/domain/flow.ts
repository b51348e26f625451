/** The kinds of flow, as they stand in workflow ids, rows and the API. */
export const flowKinds = ['otp', 'message', 'import', 'invoice', 'key_rotation'] as const;
export type FlowKind = (typeof flowKinds)[number];

/** The only place that builds a workflow id. Nothing personal is in it. */
export const workflowId = (kind: FlowKind, tenantId: number, id: string): string => `${kind}/${tenantId}/${id}`;

/** Whether a flow lives as long as its rows, and has one run after the other. Others live once. */
export const startsAgain = (kind: string): boolean => kind === 'invoice';

/** The parts of such an id; undefined for a workflow that is no flow, such as a schedule's. */
export function readWorkflowId(id: string | undefined) {
  const [kind, tenantId, flowId] = id?.split('/') ?? [];
  return kind && tenantId && flowId ? { kind, tenantId: Number(tenantId), flowId } : undefined;
}

/** `otp` runs passcodes alone, so that they never queue behind a campaign; `sends` has every other send. */
export const taskQueues = { otp: 'otp', sends: 'sends', flows: 'flows' } as const;

/** In which order sends leave: 1 before 5. A direct message is somebody's answer, as urgent as an order's. */
export const sendPriority = { otp: 1, order: 2, message: 2, reminder: 3, drip: 5 } as const;

/** Temporal shares a queue out by this key. */
export const fairnessKey = (tenantId: number): string => `t:${tenantId}`;
