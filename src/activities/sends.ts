import { activityInfo, type Info } from '@temporalio/activity';
import { setClock } from '../services/flows/clock.ts';
import { nameWait } from '../services/flows/wait.ts';
import { sendWithMail, type Pair } from '../services/messages/send-with-mail.ts';
import type { Delivery } from '../services/messages/send.ts';
import { deliverOtp, type OtpDelivery, type OtpMessageRef } from '../services/otp/deliver.ts';
import { notYet } from './failure.ts';
import type { ActivityDeps } from './index.ts';

/** A wait up to this long is a retry, which costs no workflow task; a longer one is the workflow's, where it is seen. */
const RETRY_WITHIN_MS = 30_000;

/** Whether Temporal would still try again after such a wait. If not, the workflow is told what is waited for. */
const mayRetry = (info: Info): boolean =>
  info.currentAttemptScheduledTimestampMs + 2 * RETRY_WITHIN_MS <
  info.scheduledTimestampMs + info.scheduleToCloseTimeoutMs;

/** Activities of queue `sends`. */
export const createSendActivities = (deps: ActivityDeps) => ({
  /** As `deliverOtp`, but a wait is a retry. */
  async sendOtp(message: OtpMessageRef): Promise<Exclude<OtpDelivery, { result: 'later' }>> {
    const delivery = await deliverOtp(deps, message, activityInfo().workflowExecution?.runId);
    if (delivery.result === 'later') throw notYet(delivery.reason, delivery.waitMs);
    return delivery;
  },
  async sendMessage(message: Pair): Promise<Delivery> {
    const info = activityInfo();
    const runId = info.workflowExecution?.runId;
    const delivery = await setClock(deps, message.tenantId, message.messageId, info.currentAttemptScheduledTimestampMs)
      .then(() => sendWithMail(deps, message, runId))
      .finally(() => deps.starts.release(message.messageId));
    if (info.workflowType !== 'message') await nameWait(deps, message, delivery);
    if (delivery.result === 'later' && (delivery.waitMs ?? 0) <= RETRY_WITHIN_MS && mayRetry(info))
      throw notYet(delivery.reason, delivery.waitMs);
    return delivery;
  },
});

export type SendActivities = ReturnType<typeof createSendActivities>;
