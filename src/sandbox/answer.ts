import type { Changes } from './changes.ts';
import { mintSandboxChannel, type SandboxChannel } from './credentials.ts';
import { ControlError } from './http.ts';
import { createWamid } from './identifiers.ts';
import { isShown, type Ledger } from './ledger.ts';
import { pressed, reacted, typed, unsupported } from './inbound.ts';
import type { Replies, Reply } from './replies.ts';
import type { Settings } from './settings.ts';
import type { Traffic } from './traffic.ts';
import type { Webhooks } from './webhooks.ts';
import type { Windows } from './windows.ts';

type ToChannel = { channel_id?: string | undefined };
export type PersonAnswer = ToChannel &
  (
    | { text: string; reply_to?: string | undefined }
    | { button_payload: string }
    | { reaction: { wamid: string; emoji: string | null } }
    | { unsupported: true }
  );
export type AnswerDependencies = {
  secret: string;
  ledger: Ledger;
  settings: Settings;
  replies: Replies;
  windows: Windows;
  traffic: Traffic;
  webhooks: Webhooks;
  changes: Changes;
};

/** What the person does at their phone: the business gets it as a webhook. */
export function createAnswer(dependencies: AnswerDependencies) {
  const { secret, ledger, settings, replies, windows, traffic, webhooks, changes } = dependencies;

  const contactOf = (e164: string) => ({ profile: { name: `Phone ${e164.slice(-4)}` }, wa_id: e164.slice(1) });
  const channelFor = (e164: string, given: string | undefined, onlyNumber: string | undefined): SandboxChannel => {
    const last = ledger
      .sentTo(e164)
      .findLast((entry) => isShown(entry) && (onlyNumber === undefined || entry.phone_number_id === onlyNumber));
    const id = given ?? last?.channel_id;
    if (!id)
      throw new ControlError(409, 'no_conversation', 'No business has written to this phone; name one by channel_id.');
    const channel = mintSandboxChannel(secret, id);
    if (onlyNumber !== undefined && channel.phoneNumberId !== onlyNumber)
      throw new ControlError(403, 'forbidden', 'The token belongs to another channel.');
    return channel;
  };

  return {
    async answer(e164: string, said: PersonAnswer, onlyNumber: string | undefined): Promise<Reply> {
      const channel = channelFor(e164, said.channel_id, onlyNumber);
      const { phoneNumberId } = channel;
      const conversation = ledger
        .sentTo(e164)
        .filter((entry) => isShown(entry) && entry.phone_number_id === phoneNumberId);
      const { content, text, replyTo } = contentOf(said, conversation);
      const now = new Date();
      const reply: Reply = {
        wamid: createWamid(e164),
        from: e164,
        text,
        at: now.toISOString(),
        phone_number_id: phoneNumberId,
        channel_id: channel.channelId,
        ...(replyTo !== undefined && { reply_to: replyTo }),
      };
      await replies.add(reply);
      windows.open(phoneNumberId, e164, now.getTime());
      traffic.recordInbound(phoneNumberId);
      changes.tell(e164, phoneNumberId);
      webhooks.enqueue(channel, {
        kind: 'message',
        contact: contactOf(e164),
        value: { from: e164.slice(1), id: reply.wamid, timestamp: seconds(now), ...content },
        copies: 1,
      });
      return reply;
    },

    /** The switch for marketing messages in WhatsApp's own settings. */
    async setMarketing(
      e164: string,
      { value, channel_id }: ToChannel & { value: 'stop' | 'resume' },
      onlyNumber: string | undefined,
    ) {
      const channel = channelFor(e164, channel_id, onlyNumber);
      await settings.setMarketing({ phone_number_id: channel.phoneNumberId, e164, stopped: value === 'stop' });
      webhooks.enqueue(channel, {
        kind: 'preference',
        contact: contactOf(e164),
        value: {
          wa_id: e164.slice(1),
          detail: `User requested to ${value} marketing messages`,
          category: 'marketing_messages',
          value,
          timestamp: Number(seconds(new Date())),
        },
        copies: 1,
      });
      return { e164, value };
    },

    /** Opens or closes the service window without waiting a day. */
    async setWindow(e164: string, { open, channel_id }: ToChannel & { open: boolean }) {
      const { phoneNumberId } = channelFor(e164, channel_id, undefined);
      const now = new Date();
      const lastInbound = open ? now : new Date(0);
      await settings.setWindow({
        phone_number_id: phoneNumberId,
        e164,
        last_inbound_at: lastInbound.toISOString(),
        set_at: now.toISOString(),
      });
      windows.open(phoneNumberId, e164, lastInbound.getTime());
      return { e164, phone_number_id: phoneNumberId, open };
    },
  };
}

function contentOf(said: PersonAnswer, conversation: Parameters<typeof pressed>[0]) {
  if ('button_payload' in said) return pressed(conversation, said.button_payload);
  if ('reaction' in said) return reacted(said.reaction);
  if ('unsupported' in said) return unsupported();
  return typed(said.text, said.reply_to);
}

const seconds = (date: Date) => String(Math.floor(date.getTime() / 1000));
