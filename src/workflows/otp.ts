import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { OtpOutcome } from '../domain/otp.ts';
import { firstAttempt, otpActivities, seeThrough, waitAfter } from './otp-delivery.ts';

/** Facts that a transaction has already written; the passcode's row is what counts. */
export const otpVerified = defineSignal('otpVerified');
export const otpLocked = defineSignal('otpLocked');
export const otpCancelled = defineSignal('otpCancelled');
export const otpUndeliverable = defineSignal('otpUndeliverable');
/** The passcode's n-th message was asked for. */
export const otpResendRequested = defineSignal<[{ n: number }]>('otpResendRequested');

export type OtpInput = { tenantId: number; otpId: string; expiresAt: string };

/** Delivers a passcode, waits until its code is used or its time is over, and ends with what became of it. */
export async function otp({ tenantId, otpId, expiresAt }: OtpInput): Promise<OtpOutcome> {
  const passcode = { tenantId, otpId, expiresAt: Date.parse(expiresAt) };
  const asked = [1];
  let outcome: OtpOutcome | undefined;
  setHandler(otpVerified, () => void (outcome ??= 'verified'));
  setHandler(otpLocked, () => void (outcome ??= 'locked'));
  setHandler(otpCancelled, () => void (outcome ??= 'cancelled'));
  setHandler(otpUndeliverable, () => void (outcome ??= 'undeliverable'));
  setHandler(otpResendRequested, ({ n }) => void asked.push(n));

  const ended = () => outcome !== undefined;
  const overtaken = () => asked.length > 0;
  let wakeAt = passcode.expiresAt;
  let failures = 0;
  while (outcome === undefined) {
    const n = asked.shift();
    if (n !== undefined) {
      // In this function, and not in one that it calls: every promise of a workflow costs a stack trace.
      let delivery;
      try {
        delivery = await firstAttempt.deliverOtp({ tenantId, otpId, n });
      } catch (error) {
        delivery = { result: 'later' as const, reason: 'retrying', waitMs: waitAfter(error, 0) };
      }
      if (delivery.result === 'sent') continue;
      if (await seeThrough({ ...passcode, n }, delivery, ended, overtaken)) outcome ??= 'undeliverable';
      continue;
    }
    const toWait = Math.max(1, wakeAt - Date.now());
    const woken = await condition(() => ended() || overtaken(), toWait, { summary: 'The code expires' });
    if (woken) continue;
    let end;
    try {
      end = await otpActivities.expireOtp({ tenantId, otpId });
    } catch (error) {
      end = { waitMs: waitAfter(error, failures++) };
    }
    if ('outcome' in end) outcome ??= end.outcome;
    else wakeAt = Date.now() + end.waitMs;
  }
  return outcome;
}
