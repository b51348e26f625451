import { createHmac } from 'node:crypto';

/** What a proof commits to instead of naming it. */
export type Committed = 'recipient' | 'content' | 'provider_id';

/** Each value has a salt of its own, so that who is shown one of them can find none of the others by trying. */
export const saltFor = (messageSalt: string, what: Committed): string =>
  createHmac('sha256', Buffer.from(messageSalt.replaceAll('-', ''), 'hex'))
    .update(`salt/${what}`)
    .digest('hex');

/** HMAC-SHA-256 of the value, keyed by its salt. Without the salt it stands for nothing that could be guessed. */
export const commitTo = (salt: string, value: string): string =>
  createHmac('sha256', Buffer.from(salt, 'hex')).update(value).digest('hex');
