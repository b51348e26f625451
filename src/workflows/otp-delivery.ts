import { ActivityFailure, condition, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { OtpActivities, SendActivities } from '../activities/index.ts';
import { taskQueues } from '../domain/flow.ts';

type OtpDelivery = Awaited<ReturnType<OtpActivities['deliverOtp']>>;
type OtpMessage = { tenantId: number; otpId: string; n: number; expiresAt: number };

/** They run inside the workflow task: a passcode that goes well costs Temporal no activity task. */
export const otpActivities = proxyLocalActivities<OtpActivities>({
  startToCloseTimeout: '5s',
  retry: { initialInterval: '200ms', maximumAttempts: 3 },
});

/** The first try. What cannot be done at once is done through `sends`, where waiting costs no workflow task. */
export const firstAttempt = proxyLocalActivities<OtpActivities>({
  startToCloseTimeout: '5s',
  retry: { maximumAttempts: 1 },
});

/** What a first try that failed says: Postgres was away, or too slow. Anything but an activity's failure is a bug. */
export function afterFailure(error: unknown): OtpDelivery {
  if (error instanceof ActivityFailure) return { result: 'later', waitMs: 1_000 };
  throw error;
}

/** Sees a message through that did not go out at once. Answers whether the passcode is undeliverable. */
export async function seeThrough(message: OtpMessage, first: OtpDelivery, ended: () => boolean): Promise<boolean> {
  let delivery = first;
  if (delivery.result === 'later') {
    if (await endsWithin(ended, delivery.waitMs, 'The message waits for its next try')) return false;
    delivery = await patiently(message);
  }
  if (delivery.result === 'unknown') await settleUnknown(message, delivery.waitMs, ended);
  return delivery.result === 'undeliverable';
}

/** Tries through `sends` for as long as the code lives. Temporal counts and spaces the tries. */
async function patiently(message: OtpMessage): Promise<OtpDelivery> {
  const sends = proxyActivities<SendActivities>({
    taskQueue: taskQueues.sends,
    startToCloseTimeout: '15s',
    scheduleToCloseTimeout: Math.max(1_000, message.expiresAt - Date.now()),
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
    summary: `Message ${message.n} of the passcode`,
  });
  try {
    return await sends.sendOtp(reference(message));
  } catch (error) {
    if (error instanceof ActivityFailure) return { result: 'over' };
    throw error;
  }
}

/** The provider may yet say what came of the call. When it has not, a code that still lives is sent once more. */
async function settleUnknown(message: OtpMessage, waitMs: number, ended: () => boolean): Promise<void> {
  let wait = waitMs;
  while (!(await endsWithin(ended, wait, 'The provider may still say what came of the message'))) {
    const settlement = await otpActivities.settleUnknownOtp(reference(message));
    if (settlement.result === 'wait') {
      wait = settlement.waitMs;
      continue;
    }
    if (settlement.result === 'resend') await patiently({ ...message, n: settlement.n });
    return;
  }
}

const endsWithin = (ended: () => boolean, ms: number, summary: string): Promise<boolean> =>
  condition(ended, Math.max(1, ms), { summary });

const reference = ({ tenantId, otpId, n }: OtpMessage) => ({ tenantId, otpId, n });
