import {
  ActivityFailure,
  condition,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow';
import type { OtpActivities, SendActivities } from '../activities/index.ts';
import { taskQueues } from '../domain/flow.ts';

type OtpDelivery = Awaited<ReturnType<OtpActivities['deliverOtp']>>;
type OtpMessage = { tenantId: number; otpId: string; n: number; expiresAt: number };

/**
 * They run inside the workflow task: a passcode that goes well costs Temporal no activity task. All tries together end
 * well before the task's 5 s are over; what is left to do after them waits on a timer.
 */
export const otpActivities = proxyLocalActivities<OtpActivities>({
  scheduleToCloseTimeout: '3s',
  retry: { initialInterval: '200ms', maximumAttempts: 3 },
});

/** The first try. What cannot be done at once is done through `sends`, where waiting costs no workflow task. */
export const firstAttempt = proxyLocalActivities<OtpActivities>({
  startToCloseTimeout: '5s',
  retry: { maximumAttempts: 1 },
});

/** How long Postgres, which was away or too slow, is given. A local activity's failure comes without an `ActivityFailure`. */
export function waitAfter(error: unknown, failuresBefore: number): number {
  if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
  return Math.min(1_000 * 2 ** failuresBefore, 30_000);
}

/**
 * Sees a message through that did not go out at once, until the passcode has ended, or the message is overtaken: a
 * newer one shows the same code. Answers whether the passcode is undeliverable.
 */
export async function seeThrough(
  message: OtpMessage,
  first: OtpDelivery,
  ended: () => boolean,
  overtaken: () => boolean,
): Promise<boolean> {
  if (first.result !== 'later' && first.result !== 'unknown') return first.result === 'undeliverable';
  const moot = () => ended() || overtaken();
  let delivery: OtpDelivery = first;
  if (delivery.result === 'later') {
    const waitMs = delivery.waitMs ?? 1_000;
    if (await endsWithin(moot, waitMs, 'The message waits for its next try')) return false;
    delivery = await patiently(message, moot);
  }
  if (delivery.result === 'unknown') await settleUnknown(message, delivery.waitMs, moot);
  return delivery.result === 'undeliverable';
}

/**
 * Tries through `sends` for as long as the code lives. Temporal counts and spaces the tries. A send that has become
 * moot is left alone: each try begins by asking the row, and Temporal drops the tries of a workflow that has ended.
 */
async function patiently(message: OtpMessage, moot: () => boolean): Promise<OtpDelivery> {
  const sends = proxyActivities<SendActivities>({
    taskQueue: taskQueues.sends,
    startToCloseTimeout: '15s',
    scheduleToCloseTimeout: Math.max(1_000, message.expiresAt - Date.now()),
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
    summary: `Message ${message.n} of the passcode`,
  });
  try {
    return await Promise.race([
      sends.sendOtp(reference(message)),
      condition(moot).then((): OtpDelivery => ({ result: 'over' })),
    ]);
  } catch (error) {
    if (error instanceof ActivityFailure) return { result: 'over' };
    throw error;
  }
}

/** The provider may yet say what came of the call. When it has not, a code that still lives is sent once more. */
async function settleUnknown(message: OtpMessage, waitMs: number, moot: () => boolean): Promise<void> {
  let wait = waitMs;
  let failures = 0;
  while (!(await endsWithin(moot, wait, 'The provider may still say what came of the message'))) {
    let settlement;
    try {
      settlement = await otpActivities.settleUnknownOtp(reference(message));
    } catch (error) {
      wait = Math.min(waitAfter(error, failures++), message.expiresAt - Date.now());
      if (wait <= 0) return;
      continue;
    }
    if (settlement.result === 'wait') {
      wait = settlement.waitMs;
      continue;
    }
    if (settlement.result === 'resend') await patiently({ ...message, n: settlement.n }, moot);
    return;
  }
}

const endsWithin = (moot: () => boolean, ms: number, summary: string): Promise<boolean> =>
  condition(moot, Math.max(1, ms), { summary });

const reference = ({ tenantId, otpId, n }: OtpMessage) => ({ tenantId, otpId, n });
