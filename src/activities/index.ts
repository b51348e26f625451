import type { Deps } from '../context.ts';
import type { OtpGate } from '../temporal/otp-gate.ts';
import type { TemporalLink } from '../temporal/link.ts';
import { failSafely } from './failure.ts';
import { createFlowActivities, type FlowActivities } from './flows.ts';
import { createOtpActivities, createSendActivities, type OtpActivities, type SendActivities } from './otp.ts';

export type { FlowActivities } from './flows.ts';
export type { OtpActivities, SendActivities } from './otp.ts';

/** The activities of each task queue. */
export type Activities = { otp: OtpActivities; sends: SendActivities; flows: FlowActivities };

export type ActivityDeps = Deps & { gate: OtpGate; temporal: TemporalLink };

/** Every activity of the product, each with failures that may stand in a history. */
export function createActivities(deps: ActivityDeps): Activities {
  return {
    otp: failSafely(deps.log, createOtpActivities(deps)),
    sends: failSafely(deps.log, createSendActivities(deps)),
    flows: failSafely(deps.log, createFlowActivities(deps)),
  };
}
