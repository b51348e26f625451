import type { Item } from './conversations.ts';
import type { LedgerEntry } from './ledger.ts';
import { clock, escape, format } from './page.ts';
import type { Attachment, Button, List } from './shown.ts';

/** One message of a conversation. `quoted` is what it answers, in a line. */
export function bubble(item: Item, quoted: string | undefined): string {
  const quote = quoted === undefined ? '' : `<blockquote>${escape(quoted)}</blockquote>`;
  if (item.from === 'person') {
    return `<article class="out" aria-label="From the phone">${quote}<p>${format(item.reply.text)}</p><footer>${clock(item.at)}</footer></article>`;
  }
  const { message } = item;
  return [
    '<article class="in" aria-label="From the business">',
    quote,
    message.attachment ? card(message.attachment) : '',
    message.header === undefined ? '' : `<h2>${format(message.header)}</h2>`,
    message.text === '' ? '' : `<p>${format(message.text)}</p>`,
    message.footer === undefined ? '' : `<p class="small">${escape(message.footer)}</p>`,
    `<footer>${message.template === undefined ? '' : `<span>${escape(message.template)}</span>`}<span>${toldSoFar(message)}</span>${clock(item.at)}</footer>`,
    (message.buttons ?? []).map((button) => control(button, message.text)).join(''),
    message.list ? sheet(message.list) : '',
    '</article>',
  ].join('');
}

export function summaryOf(item: Item): string {
  const { text, attachment } = item.from === 'person' ? { ...item.reply, attachment: undefined } : item.message;
  const line = text.replace(/\s+/g, ' ').replaceAll('*', '') || attachment?.filename || attachment?.type || '';
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

/** Nothing is loaded from elsewhere: a picture too is a link. */
function card({ type, link, filename }: Attachment): string {
  const name = filename ?? link.split('/').at(-1)?.split('?')[0] ?? type;
  const icon = { document: '📄', image: '🖼️', video: '🎬' }[type];
  return `<a class="card" href="${escape(link)}" target="_blank" rel="noopener noreferrer"><span aria-hidden="true">${icon}</span><span><b>${escape(name || type)}</b><small>${escape(type)} · ${escape(hostOf(link))}</small></span></a>`;
}

const hostOf = (link: string) => (URL.canParse(link) ? new URL(link).host : link);

function control({ type, text, payload, url }: Button, message: string): string {
  if (payload !== undefined)
    return `<button class="button" type="button" data-payload="${escape(payload)}">${escape(text)}</button>`;
  if (type === 'url' && url !== undefined)
    return `<a class="button" href="${escape(url)}" target="_blank" rel="noopener noreferrer">${escape(text)}</a>`;
  if (type === 'copy_code') {
    const code = /\*([^*]+)\*/.exec(message)?.[1] ?? '';
    return `<button class="button" type="button" data-copy="${escape(code)}">${escape(text)}</button>`;
  }
  return `<span class="button">${escape(text)}</span>`;
}

const sheet = ({ button, sections }: List) =>
  `<details class="list"><summary class="button">${escape(button)}</summary>${sections
    .map(({ title, rows }) => {
      const heading = title === undefined ? '' : `<h3>${escape(title)}</h3>`;
      return `${heading}${rows.map((row) => `<button class="row" type="button" data-payload="${escape(row.id)}"><b>${escape(row.title)}</b>${row.description === undefined ? '' : `<small>${escape(row.description)}</small>`}</button>`).join('')}`;
    })
    .join('')}</details>`;

/** How far the business has been told; the ticks of the other side. */
function toldSoFar({ at, plan }: LedgerEntry): string {
  const past = plan.filter((status) => Date.parse(at) + (status.post_after_ms ?? status.after_ms) <= Date.now());
  const names = new Set(past.map(({ status }) => status));
  if (names.has('read')) return '<span class="read" aria-label="read">✓✓</span>';
  if (names.has('delivered')) return '<span aria-label="delivered">✓✓</span>';
  return names.has('sent') ? '<span aria-label="sent">✓</span>' : '';
}
