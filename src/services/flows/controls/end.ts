import type { Flow } from '../../../entities/flow.ts';

/** The flow's row when it has nothing left to do. */
export function endFlowRow(flow: Flow, status: 'completed' | 'cancelled', now: Date, outcome: string = status): void {
  Object.assign(flow, {
    status,
    stage: 'ended',
    outcome,
    nextAction: null,
    nextActionAt: null,
    waitsForReply: false,
    pausedAt: null,
    pauseReason: null,
    endedAt: now,
    updatedAt: now,
  });
}
