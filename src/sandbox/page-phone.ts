import type { Context } from 'koa';
import type { Conversation } from './conversations.ts';
import { bubble, summaryOf } from './page-bubble.ts';
import { escape, sendPage } from './page.ts';
import type { PhoneBehaviour } from './settings.ts';

type PhonePage = {
  e164: string;
  conversations: Conversation[];
  /** The `phone_number_id` whose conversation is open; without it, the latest. */
  chosen: string | undefined;
  behaviour: PhoneBehaviour;
  mayChange: boolean;
};

export function renderPhone(ctx: Context, { e164, conversations, chosen, behaviour, mayChange }: PhonePage) {
  const open =
    chosen === undefined ? conversations[0] : conversations.find(({ phoneNumberId }) => phoneNumberId === chosen);
  const title = `<header><a href="/" aria-label="All phones">←</a><h1>${escape(e164)}</h1>${mayChange ? switches(behaviour) : ''}</header>`;
  const form =
    '<form id="reply"><input name="text" placeholder="Message" autocomplete="off" maxlength="4096" required aria-label="Message"><button>Send</button></form><p id="problem" role="alert"></p>';
  sendPage(
    ctx,
    e164,
    `<div class="phone">${title}<nav id="numbers" aria-label="Businesses">${numbers(e164, conversations, open)}</nav><main tabindex="0">${talk(open)}</main>${form}</div>`,
  );
}

function talk(open: Conversation | undefined): string {
  if (!open) return '<div id="live" role="log"><p class="empty">Nothing yet.</p></div>';
  const byId = new Map(
    open.items.map((item) => [item.from === 'person' ? item.reply.wamid : item.message.wamid, summaryOf(item)]),
  );
  let day = '';
  const bubbles = open.items.map((item) => {
    const answered = item.from === 'person' ? item.reply.reply_to : item.message.reply_to;
    const date = item.at.slice(0, 10);
    const separator = date === day ? '' : `<p class="day"><span>${escape(date)}</span></p>`;
    day = date;
    return separator + bubble(item, answered === undefined ? undefined : byId.get(answered));
  });
  return `<div id="live" role="log" data-number="${escape(open.phoneNumberId)}" data-channel="${escape(open.channelId ?? '')}">${bubbles.join('')}</div>`;
}

/** Which of several businesses is being talked to; with one there is nothing to choose. */
function numbers(e164: string, conversations: Conversation[], open: Conversation | undefined): string {
  if (conversations.length < 2) return '';
  return conversations
    .map((conversation) => {
      const { phoneNumberId, displayPhone, items } = conversation;
      const last = items.at(-1);
      const current = conversation === open ? ' aria-current="page"' : '';
      return `<a href="/phones/${encodeURIComponent(e164)}?number=${encodeURIComponent(phoneNumberId)}"${current}><b>${escape(displayPhone)}</b><small>${escape(last ? summaryOf(last) : '')}</small></a>`;
    })
    .join('');
}

const switches = ({ reads, blocked, on_whatsapp }: PhoneBehaviour) => `<details><summary>Behaviour</summary><fieldset>
${toggle('reads', 'Reads messages', reads)}${toggle('blocked', 'Has blocked the business', blocked)}${toggle('on_whatsapp', 'Is on WhatsApp', on_whatsapp)}
</fieldset></details>`;

const toggle = (name: string, label: string, on: boolean) =>
  `<label><input type="checkbox" data-behaviour="${name}"${on ? ' checked' : ''}> ${label}</label>`;
