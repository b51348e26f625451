import type { KeyRing } from '../../security/key-ring.ts';

/**
 * Of an answer, in any of its texts: ids, phones and e-mail addresses. An address has 254 characters: without a bound
 * the time for a long text would grow with its square.
 */
const identifiers = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\+\d{7,15}|[^\s"<>/]{1,254}@[^\s"<>/]+/gi;

export const MENTION = 'idempotency_mention';

/** What an erase finds a kept answer by: the identifiers in the request and its answer, as HMACs. */
export function mentionsOf(keyRing: KeyRing, value: unknown): string[] {
  const found = JSON.stringify(value).match(identifiers) ?? [];
  return [...new Set(found.map((one) => one.toLowerCase()))].map((one) => keyRing.mac(MENTION, one));
}
