import { condition, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { BareActivities, BarePasscode } from './bare-activities.ts';

/** The product's workflow of a passcode without the product: send at once, then wait for the signal or the expiry. */
export const verified = defineSignal('verified');

const { send } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '5s', retry: { maximumAttempts: 1 } });

export async function bareOtp(passcode: BarePasscode): Promise<'verified' | 'expired'> {
  let isVerified = false;
  setHandler(verified, () => void (isVerified = true));
  await send(passcode);
  const wait = Math.max(1, passcode.expiresAt - Date.now());
  const woken = await condition(() => isVerified, wait, { summary: 'The code expires' });
  return woken ? 'verified' : 'expired';
}
