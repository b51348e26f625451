import type { Channel, OutboundMessage } from '../../adapters/whatsapp/types.ts';
import { unitOfWork, type Deps } from '../../context.ts';
import { otpMessageKey } from '../../domain/otp.ts';
import { claimMessage, SETTLE_SECONDS, type ClaimedMessage } from '../messages/claim.ts';
import { openChannel } from '../messages/channel.ts';
import { recordOutcome } from '../messages/record.ts';
import { recordWithEffect } from '../messages/follow-effect.ts';
import { flowScope } from '../scope.ts';
import { settleUndeliverableOtps } from './undeliverable.ts';

export type OtpMessageRef = { tenantId: number; otpId: string; n: number };

/**
 * How a delivery went. `later`: nothing was sent, try again, after that long if somebody named a time. `unknown`: we
 * cannot tell, and after that long it is settled without the provider's word. `undeliverable`: the passcode has ended.
 */
export type OtpDelivery =
  | { result: 'sent' }
  | { result: 'over' }
  | { result: 'undeliverable' }
  | { result: 'later'; reason: string; waitMs?: number | undefined }
  | { result: 'unknown'; waitMs: number };

const CALL_TIMEOUT_MS = 4_000;

/** Sends the n-th message of a passcode, once, however often it is called. */
export async function deliverOtp(
  deps: Deps,
  { tenantId, otpId, n }: OtpMessageRef,
  runId?: string,
): Promise<OtpDelivery> {
  // Taken before the claim: the lease runs from within it, so the call always ends inside the lease.
  const deadline = performance.now() + CALL_TIMEOUT_MS;
  const claim = await claimMessage(deps, tenantId, otpMessageKey(otpId, n));
  switch (claim.verdict) {
    case 'done':
      return { result: 'sent' };
    case 'over':
      // A channel that may not send now is no channel for a code that lives for minutes. And the one who noted a refusal
      // may have died before the rest was done.
      return end(deps, tenantId, otpId);
    case 'busy':
    case 'paced':
      return { result: 'later', reason: claim.verdict, waitMs: claim.waitMs };
    case 'asked':
      return { result: 'later', reason: 'provider_asked', waitMs: claim.waitMs };
    case 'unknown':
      return { result: 'unknown', waitMs: claim.waitMs };
    case 'go':
      return call(deps, { tenantId, otpId }, claim.message, { deadline, runId });
  }
}

async function call(
  deps: Deps,
  { tenantId, otpId }: { tenantId: number; otpId: string },
  message: ClaimedMessage,
  { deadline, runId }: { deadline: number; runId: string | undefined },
): Promise<OtpDelivery> {
  let prepared;
  try {
    prepared = prepare(deps, { tenantId, otpId }, message);
  } catch (error) {
    // Left to its lease, it would be taken for a message that the phone may show.
    await recordOutcome(deps, tenantId, { ...message, runId }, { kind: 'not_sent', reason: 'unprepared' });
    throw error;
  }
  const outcome = await deps.whatsapp.send(prepared.channel, prepared.message, {
    deadline,
    attempt: message.attempts - 1,
  });
  const recorded = await recordWithEffect(deps, tenantId, { ...message, runId }, outcome);
  switch (recorded.status) {
    case 'sent':
      return { result: 'sent' };
    case 'retry':
    case 'stopped':
      return { result: 'later', reason: recorded.reason, waitMs: recorded.waitMs };
    case 'unknown':
      return { result: 'unknown', waitMs: SETTLE_SECONDS * 1000 };
    case 'failed':
      return end(deps, tenantId, otpId);
  }
}

/** Opens what is sealed and derives what is not stored. Fails when this process lacks a key. */
function prepare(
  deps: Deps,
  { tenantId, otpId }: { tenantId: number; otpId: string },
  { id, recipient, channel, otp }: ClaimedMessage,
): { channel: Channel; message: OutboundMessage } {
  if (!otp) throw new Error('The message is not one of a passcode');
  return {
    channel: openChannel(deps, tenantId, channel),
    message: {
      messageId: id,
      to: recipient,
      content: {
        type: 'authentication',
        template: 'carillon_otp',
        language: otp.locale,
        code: deps.otpCodes.codeOf(otp.kid, tenantId, otpId),
      },
    },
  };
}

/** Ends the passcode if no message of it can still arrive. */
async function end(deps: Deps, tenantId: number, otpId: string): Promise<OtpDelivery> {
  const ended = await unitOfWork(flowScope(deps, tenantId, otpId), (ctx) => settleUndeliverableOtps(ctx, [otpId]));
  return { result: ended.length > 0 ? 'undeliverable' : 'over' };
}
