/**
 * A message only moves forward along this line. `unknown` (we called, and cannot tell what came of it) is below every
 * word from the provider; `failed` replaces `sent`, and a phone that showed the message cannot be told that it did not.
 * `read` may come without `delivered`, and any of them before our own call has returned.
 */
export const statusOrder = ['queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read'] as const;

export const canStillFail: readonly string[] = statusOrder.slice(0, statusOrder.indexOf('failed'));
