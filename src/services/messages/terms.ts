import { LEASE_SECONDS, SETTLE_SECONDS } from './claim.ts';

/**
 * How long a call may take, after how long its sender is taken for dead, and after how long nobody waits any more for
 * word of a call that nobody knows the end of. A mail server talks back and forth, and takes its time with the mail.
 */
export const callTerms = {
  whatsapp: { callMs: 4_000, leaseSeconds: LEASE_SECONDS, settleSeconds: SETTLE_SECONDS },
  email: { callMs: 10_000, leaseSeconds: 13, settleSeconds: 17 },
} as const;
