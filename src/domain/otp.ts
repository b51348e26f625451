/** What a one-time passcode promises. Seconds and counts; the contract's defaults. */
export const otpPolicy = {
  digits: 6,
  lifeSeconds: 300,
  maxAttempts: 5,
  /** Sends of one phone and purpose, asked for within `perPhoneSeconds`. */
  perPhone: 5,
  perPhoneSeconds: 600,
  /** Sends asked for from one `client_ip` (or one IPv6 /64) of a tenant's customers. */
  perClient: 20,
  perClientSeconds: 3600,
  perTenantMinute: 3000,
} as const;

/** Seconds to wait after the n-th send before the next one: 30, 60, 120, … within the code's life. */
export const resendWaitSeconds = (sends: number): number => 30 * 2 ** (sends - 1);

/** How a passcode's flow can end. */
export type OtpOutcome = 'verified' | 'expired' | 'locked' | 'cancelled' | 'undeliverable';

/** The business key of the n-th message of a passcode. */
export const otpMessageKey = (otpId: string, n: number): string => `otp:${otpId}:${n}`;
