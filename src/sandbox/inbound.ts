import { ControlError } from './http.ts';
import type { LedgerEntry } from './ledger.ts';

/** What of an inbound message depends on its type, what the page shows of it, and what it answers. */
type Inbound = { content: object; text: string; replyTo?: string };

export const typed = (text: string, replyTo: string | undefined): Inbound => ({
  content: { type: 'text', text: { body: text }, ...(replyTo !== undefined && { context: { id: replyTo } }) },
  text,
  ...(replyTo !== undefined && { replyTo }),
});

/** Meta leaves the emoji out when a reaction is taken back. */
export const reacted = ({ wamid, emoji }: { wamid: string; emoji: string | null }): Inbound => ({
  content: { type: 'reaction', reaction: { message_id: wamid, ...(emoji !== null && { emoji }) } },
  text: emoji ?? 'took the reaction back',
  replyTo: wamid,
});

/** A poll, an edit, or whatever else the Cloud API does not hand on. */
export const unsupported = (): Inbound => ({
  content: {
    type: 'unsupported',
    errors: [
      {
        code: 131051,
        title: 'Message type unknown',
        message: 'Message type unknown',
        error_data: { details: 'Message type is currently not supported.' },
      },
    ],
  },
  text: 'something that the business cannot see',
});

/** A template's button, a session message's button and a list's row reach the business in three different shapes. */
export function pressed(conversation: readonly LedgerEntry[], payload: string): Inbound {
  for (const message of conversation.toReversed()) {
    const content = press(message, payload);
    if (!content) continue;
    const context = { from: message.phone_number_id, id: message.wamid };
    return { content: { ...content.value, context }, text: content.text, replyTo: message.wamid };
  }
  throw new ControlError(422, 'no_such_button', 'No message on this phone has a button or a row with this payload.');
}

function press({ buttons = [], list }: LedgerEntry, payload: string): { value: object; text: string } | undefined {
  const button = buttons.find((candidate) => candidate.payload === payload);
  if (button) {
    const { text } = button;
    if (button.type !== 'reply') return { value: { type: 'button', button: { payload, text } }, text };
    return {
      value: { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: payload, title: text } } },
      text,
    };
  }
  const row = list?.sections.flatMap(({ rows }) => rows).find(({ id }) => id === payload);
  return (
    row && { value: { type: 'interactive', interactive: { type: 'list_reply', list_reply: row } }, text: row.title }
  );
}
