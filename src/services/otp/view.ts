import { otpStatuses, type Otp, type OtpStatus } from '../../entities/otp.ts';
import { otpPolicy } from '../../domain/otp.ts';

export { otpStatuses };

/** What may be said of a passcode. */
export type OtpView = {
  id: string;
  phone: string;
  purpose: string;
  status: OtpStatus;
  expiresAt: Date;
  resendAvailableAt: Date;
  attemptsRemaining: number;
};

/** `expired` is the database's word: a row whose time is over reads so before its timer has fired. */
export const viewOtp = (otp: Otp, expired: boolean): OtpView => ({
  id: otp.id,
  phone: otp.phone,
  purpose: otp.purpose,
  status: otp.status === 'pending' && expired ? 'expired' : otp.status,
  expiresAt: otp.expiresAt,
  resendAvailableAt: otp.resendAvailableAt,
  attemptsRemaining: otp.status === 'pending' && !expired ? otpPolicy.maxAttempts - otp.attempts : 0,
});
