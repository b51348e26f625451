import { activityInfo } from '@temporalio/activity';
import { deliverOtp, type OtpDelivery, type OtpMessageRef } from '../services/otp/deliver.ts';
import { expireOtp, settleUnknownOtp } from '../services/otp/settle.ts';
import type { ActivityDeps } from './index.ts';

type Passcode = { tenantId: number; otpId: string };

/** Local activities of queue `otp`. */
export const createOtpActivities = (deps: ActivityDeps) => ({
  async deliverOtp(message: OtpMessageRef): Promise<OtpDelivery> {
    // From here on it waits for the provider, which costs nobody anything.
    deps.gate.release(message.otpId);
    return deliverOtp(deps, message, activityInfo().workflowExecution?.runId);
  },
  settleUnknownOtp: (message: OtpMessageRef) => settleUnknownOtp(deps, message),
  expireOtp: (passcode: Passcode) => expireOtp(deps, passcode),
});

export type OtpActivities = ReturnType<typeof createOtpActivities>;
