import { createHmac, hash, hkdfSync, randomBytes } from 'node:crypto';

export type RefreshToken = { text: string; hash: Buffer };

const form = /^crr_[A-Za-z0-9_-]{43}$/;
const tokenOf = (secret: Buffer): RefreshToken => {
  const text = `crr_${secret.toString('base64url')}`;
  return { text, hash: hashOf(text) };
};
// Nobody can search 256 random bits, so a plain hash keeps them as well as a slow one.
const hashOf = (text: string): Buffer => hash('sha256', text, 'buffer');

/**
 * Refresh tokens: 256 bits that say nothing. A successor follows from its predecessor and a key of ours, so that
 * whoever did not get the answer gets the same one again, and nobody a second line of tokens.
 */
export function createRefreshTokens(secret: string) {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'carillon refresh token', 32));
  return {
    first: (): RefreshToken => tokenOf(randomBytes(32)),
    /** A token as it was sent, or undefined for a text that cannot be one. */
    read: (text: string): RefreshToken | undefined => (form.test(text) ? { text, hash: hashOf(text) } : undefined),
    successorOf: ({ text }: RefreshToken): RefreshToken => tokenOf(createHmac('sha256', key).update(text).digest()),
  };
}

export type RefreshTokens = ReturnType<typeof createRefreshTokens>;
