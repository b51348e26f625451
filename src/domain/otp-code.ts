import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { otpPolicy } from './otp.ts';

export type OtpCodes = ReturnType<typeof createOtpCodes>;

/**
 * Codes are derived, not stored: the same passcode row gives the same code in every process and at every retry,
 * and neither Postgres nor Temporal ever holds it. `peppers` are the secrets by key id; the first one is in use
 * for new rows, the others live on until the codes made under them have expired.
 */
export function createOtpCodes(peppers: ReadonlyMap<string, Buffer>) {
  const keys = new Map(
    [...peppers].map(([kid, pepper]) => [
      kid,
      { code: derive(pepper, 'carillon otp code'), mac: derive(pepper, 'carillon otp mac') },
    ]),
  );
  const [currentKid] = keys.keys();
  if (currentKid === undefined) throw new Error('OTP codes need a pepper');

  const keyOf = (kid: string) => {
    const key = keys.get(kid);
    if (!key) throw new Error(`There is no OTP pepper ${kid}`);
    return key;
  };

  return {
    currentKid,
    codeOf(kid: string, tenantId: number, otpId: string): string {
      const digest = createHmac('sha256', keyOf(kid).code).update(`${tenantId}/${otpId}`).digest();
      const number = digest.readBigUInt64BE(0) % 10n ** BigInt(otpPolicy.digits);
      return number.toString().padStart(otpPolicy.digits, '0');
    },
    macOf(kid: string, claim: OtpClaim): Buffer {
      const text = JSON.stringify([claim.tenantId, claim.phone, claim.purpose, claim.code]);
      return createHmac('sha256', keyOf(kid).mac).update(text).digest();
    },
    /** The MACs that a right answer may have: one for each pepper alive. */
    macsOf(claim: OtpClaim): Buffer[] {
      return [...keys.keys()].map((kid) => this.macOf(kid, claim));
    },
  };
}

export type OtpClaim = { tenantId: number; phone: string; purpose: string; code: string };

const derive = (pepper: Buffer, use: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', pepper, '', use, 32)));
