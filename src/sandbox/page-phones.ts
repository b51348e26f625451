import type { Context } from 'koa';
import type { Conversation } from './conversations.ts';
import { clock, escape, sendPage } from './page.ts';
import { summaryOf } from './page-bubble.ts';

export function renderPhones(ctx: Context, phones: { e164: string; conversations: Conversation[] }[]) {
  const last = ({ conversations }: { conversations: Conversation[] }) => conversations[0]?.items.at(-1);
  const items = phones
    .toSorted((a, b) => (last(b)?.at ?? '').localeCompare(last(a)?.at ?? ''))
    .map((phone) => {
      const item = last(phone);
      const preview = item ? `<span>${escape(summaryOf(item))}</span>${clock(item.at)}` : '<span>Nothing yet.</span>';
      return `<li><a href="/phones/${encodeURIComponent(phone.e164)}"><b>${escape(phone.e164)}</b>${preview}</a></li>`;
    });
  const list =
    items.length > 0 ? `<ul class="phones">${items.join('')}</ul>` : '<p class="empty">No phone has a message yet.</p>';
  const form =
    '<form id="open"><input name="phone" type="tel" placeholder="+16505551234" autocomplete="off" required aria-label="Phone number"><button>Open</button></form>';
  sendPage(
    ctx,
    'Phones',
    `<div class="phone"><header><h1>Phones</h1><p>Carillon sandbox</p></header><main tabindex="0"><div id="live">${list}</div></main>${form}<p id="problem" role="alert"></p></div>`,
  );
}
