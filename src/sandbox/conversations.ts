import { displayPhone } from './identifiers.ts';
import { isShown, type LedgerEntry } from './ledger.ts';
import type { Reply } from './replies.ts';

/** One business number's messages with one phone, as the phone shows them. */
export type Conversation = {
  phoneNumberId: string;
  channelId: string | undefined;
  displayPhone: string;
  items: Item[];
};
export type Item = { at: string } & ({ from: 'business'; message: LedgerEntry } | { from: 'person'; reply: Reply });

/** Of several businesses, the one that was last heard of or written to comes first. */
export function conversationsOf(sent: readonly LedgerEntry[], replies: readonly Reply[]): Conversation[] {
  const byNumber = new Map<string, Conversation>();
  const of = (phoneNumberId: string, channelId: string | undefined) => {
    const known = byNumber.get(phoneNumberId);
    if (known) return known;
    const fresh = { phoneNumberId, channelId, displayPhone: `+${displayPhone(phoneNumberId)}`, items: [] };
    byNumber.set(phoneNumberId, fresh);
    return fresh;
  };
  for (const message of sent) {
    if (!isShown(message)) continue;
    of(message.phone_number_id, message.channel_id).items.push({ at: message.at, from: 'business', message });
  }
  for (const reply of replies) {
    of(reply.phone_number_id, reply.channel_id).items.push({ at: reply.at, from: 'person', reply });
  }
  for (const conversation of byNumber.values()) {
    conversation.items = conversation.items.toSorted((a, b) => a.at.localeCompare(b.at));
  }
  const last = ({ items }: Conversation) => items.at(-1)?.at ?? '';
  return [...byNumber.values()].toSorted((a, b) => last(b).localeCompare(last(a)));
}
