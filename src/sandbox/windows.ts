import type { Reply } from './replies.ts';

/** A person's last word as a control route says it was. */
export type WindowOverride = { phone_number_id: string; e164: string; last_inbound_at: string; set_at: string };
export type Windows = ReturnType<typeof createWindows>;

const day = 24 * 3600 * 1000;

/** The 24 hours in which a number may write free-form to a phone: each answer of the person opens them anew. */
export function createWindows(replies: readonly Reply[], overrides: readonly WindowOverride[]) {
  const lastInbound = new Map<string, number>();
  const key = (number: string, e164: string) => `${number}/${e164}`;
  const open = (number: string, e164: string, at: number) => void lastInbound.set(key(number, e164), at);

  const events = [
    ...replies.map(({ phone_number_id, from, at }) => ({ at, number: phone_number_id, e164: from, last: at })),
    ...overrides.map(({ set_at, phone_number_id, e164, last_inbound_at }) => ({
      at: set_at,
      number: phone_number_id,
      e164,
      last: last_inbound_at,
    })),
  ].toSorted((a, b) => a.at.localeCompare(b.at));
  for (const { number, e164, last } of events) open(number, e164, Date.parse(last));

  return {
    open,
    isOpen: (number: string, e164: string, at: number) => at - (lastInbound.get(key(number, e164)) ?? 0) < day,
    clear: () => lastInbound.clear(),
  };
}
