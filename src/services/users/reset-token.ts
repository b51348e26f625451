import { hash, randomBytes } from 'node:crypto';

const form = /^crp_[A-Za-z0-9_-]{43}$/;

/** 256 random bits; what is stored cannot be turned back into them. */
export function newResetToken(): { text: string; hash: Buffer } {
  const text = `crp_${randomBytes(32).toString('base64url')}`;
  return { text, hash: hash('sha256', text, 'buffer') };
}

/** What a token is found by; undefined for a text that cannot be one. */
export const hashOfReset = (text: string): Buffer | undefined =>
  form.test(text) ? hash('sha256', text, 'buffer') : undefined;
