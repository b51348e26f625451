import { mintSandboxChannel, type SandboxChannel } from './credentials.ts';
import { ControlError } from './http.ts';
import { createWamid } from './identifiers.ts';
import { isShown, type Ledger } from './ledger.ts';
import type { Replies, Reply } from './replies.ts';
import type { Webhooks } from './webhooks.ts';

export type PersonAnswer = ({ text: string } | { button_payload: string }) & { channel_id?: string | undefined };
export type AnswerDependencies = { secret: string; ledger: Ledger; replies: Replies; webhooks: Webhooks };

/** A person answers on their phone: the business gets it as an inbound webhook. */
export function createAnswer({ secret, ledger, replies, webhooks }: AnswerDependencies) {
  return async (e164: string, answer: PersonAnswer, onlyNumber: string | undefined): Promise<Reply> => {
    const shown = ledger.sentTo(e164).filter(isShown);
    const channel = findChannel(
      answer.channel_id,
      shown.findLast((m) => onlyNumber === undefined || m.phone_number_id === onlyNumber)?.channel_id,
    );
    if (onlyNumber !== undefined && channel.phoneNumberId !== onlyNumber) {
      throw new ControlError(403, 'forbidden', 'The token belongs to another channel.');
    }
    const conversation = shown.filter(({ phone_number_id }) => phone_number_id === channel.phoneNumberId);
    const { content, text } =
      'text' in answer
        ? { content: typed(answer.text), text: answer.text }
        : pressed(conversation, answer.button_payload);

    const now = new Date();
    const reply: Reply = {
      wamid: createWamid(e164),
      from: e164,
      text,
      at: now.toISOString(),
      phone_number_id: channel.phoneNumberId,
    };
    await replies.add(reply);
    webhooks.enqueue(channel, {
      kind: 'message',
      contact: { profile: { name: `Phone ${e164.slice(-4)}` }, wa_id: e164.slice(1) },
      value: { from: e164.slice(1), id: reply.wamid, timestamp: String(Math.floor(now.getTime() / 1000)), ...content },
      copies: 1,
    });
    return reply;
  };

  function findChannel(given: string | undefined, last: string | undefined): SandboxChannel {
    const id = given ?? last;
    if (!id)
      throw new ControlError(409, 'no_conversation', 'No business has written to this phone; name one by channel_id.');
    return mintSandboxChannel(secret, id);
  }
}

const typed = (text: string) => ({ type: 'text', text: { body: text } });

/** A template's button and a session message's button reach the business in two different shapes. */
function pressed(conversation: ReturnType<Ledger['sentTo']>, payload: string) {
  for (const message of conversation.toReversed()) {
    const button = message.buttons?.find((candidate) => candidate.payload === payload);
    if (!button) continue;
    const context = { from: message.phone_number_id, id: message.wamid };
    const content =
      button.type === 'reply'
        ? {
            type: 'interactive',
            interactive: { type: 'button_reply', button_reply: { id: payload, title: button.text } },
            context,
          }
        : { type: 'button', button: { payload, text: button.text }, context };
    return { content, text: button.text };
  }
  throw new ControlError(422, 'no_such_button', 'No message on this phone has a button with this payload.');
}
