import { bare } from './stop-words.ts';

/** What becomes of an invoice whose customer says that it is paid. */
export const paidReplyActions = ['pause', 'book'] as const;

export type PaidReplies = {
  /** What a customer writes, or what stands behind the button that is tapped. None: nobody's word is taken for it. */
  paid_replies: string[];
  /** `pause`: nothing reminds until somebody has looked. `book`: the whole of what is due is booked as paid. */
  paid_reply_action: (typeof paidReplyActions)[number];
};

export const MAX_PAID_REPLY = 64;

/** As a row keeps them; what cannot be read is off. */
export function readPaidReplies(json: unknown): PaidReplies {
  const { paid_replies: replies, paid_reply_action: action } = (
    typeof json === 'object' && json !== null ? json : {}
  ) as Partial<Record<keyof PaidReplies, unknown>>;
  return {
    paid_replies: Array.isArray(replies) ? replies.filter((reply): reply is string => typeof reply === 'string') : [],
    paid_reply_action: paidReplyActions.find((known) => known === action) ?? 'pause',
  };
}

type Said = { type: string; text?: string | null | undefined; buttonPayload?: string | null | undefined };

/** Whether a message's whole text, or the payload of the button that it is, is one of the replies: "not paid" is not. */
export function saysPaid({ type, text, buttonPayload }: Said, replies: readonly string[]): boolean {
  if (replies.length === 0) return false;
  const said = type === 'text' ? [text] : type === 'button' || type === 'interactive' ? [text, buttonPayload] : [];
  const known = new Set(replies.map(bare));
  return said.some((one) => one && one.length <= MAX_PAID_REPLY && known.has(bare(one)));
}
