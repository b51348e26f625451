import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Meta signs the raw body: `X-Hub-Signature-256: sha256=<hex HMAC-SHA256 keyed by the app secret>`.
 * The header is decoded to its 32 bytes first, so that a short one cannot make the comparison throw.
 */
export function verifySignature(rawBody: Buffer, header: string | undefined, appSecret: string): boolean {
  const hex = header?.match(/^sha256=([0-9a-f]{64})$/i)?.[1];
  if (!hex || !appSecret) return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', appSecret).update(rawBody).digest());
}

/** The challenge to echo as the raw answer, or nothing when the call does not know our verify token (403). */
export function verifyChallenge(query: Record<string, unknown>, verifyToken: string): string | undefined {
  const { 'hub.mode': mode, 'hub.challenge': challenge, 'hub.verify_token': token } = query;
  if (mode !== 'subscribe' || typeof challenge !== 'string' || typeof token !== 'string' || !verifyToken)
    return undefined;
  // Equal lengths are needed by timingSafeEqual; digests have them, whatever was sent.
  return timingSafeEqual(digest(token), digest(verifyToken)) ? challenge : undefined;
}

const digest = (text: string) => createHmac('sha256', 'verify-token').update(text).digest();
