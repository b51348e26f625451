import { deliverOtp, type OtpDelivery, type OtpMessageRef } from '../services/otp/deliver.ts';
import { expireOtp, settleUnknownOtp } from '../services/otp/settle.ts';
import { notYet } from './failure.ts';
import type { ActivityDeps } from './index.ts';

type Passcode = { tenantId: number; otpId: string };

/** Local activities of queue `otp`. */
export const createOtpActivities = (deps: ActivityDeps) => ({
  async deliverOtp(message: OtpMessageRef): Promise<OtpDelivery> {
    // From here on it waits for the provider, which costs nobody anything.
    deps.gate.release(message.otpId);
    return deliverOtp(deps, message);
  },
  settleUnknownOtp: (message: OtpMessageRef) => settleUnknownOtp(deps, message),
  expireOtp: (passcode: Passcode) => expireOtp(deps, passcode),
});

/** Activities of queue `sends`. */
export const createSendActivities = (deps: ActivityDeps) => ({
  /** As `deliverOtp`, but a wait is a retry. */
  async sendOtp(message: OtpMessageRef): Promise<Exclude<OtpDelivery, { result: 'later' }>> {
    const delivery = await deliverOtp(deps, message);
    if (delivery.result === 'later') throw notYet(delivery.waitMs);
    return delivery;
  },
});

export type OtpActivities = ReturnType<typeof createOtpActivities>;
export type SendActivities = ReturnType<typeof createSendActivities>;
