import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import type { LedgerEntry } from './ledger.ts';
import { pageScript, pageStyle } from './page-assets.ts';
import type { Reply } from './replies.ts';

export function renderPhones(ctx: Context, phones: string[]) {
  const items = phones.map((phone) => `<li><a href="/phones/${encodeURIComponent(phone)}">${escape(phone)}</a></li>`);
  const list =
    items.length > 0 ? `<ul class="phones">${items.join('')}</ul>` : '<p class="empty">No phone has a message yet.</p>';
  send(ctx, 'Phones', `<header><h1>Phones</h1><p>Carillon sandbox</p></header><main id="live">${list}</main>`);
}

export function renderPhone(ctx: Context, e164: string, messages: LedgerEntry[], replies: Reply[]) {
  const bubbles = [
    ...messages.map((message) => ({
      at: message.at,
      html: bubble('in', message.text, message.at, message.buttons?.map(button).join('')),
    })),
    ...replies.map((reply) => ({ at: reply.at, html: bubble('out', reply.text, reply.at) })),
  ].toSorted((a, b) => a.at.localeCompare(b.at));
  const conversation = bubbles.map(({ html }) => html).join('') || '<p class="empty">Nothing yet.</p>';
  const form =
    '<form id="reply"><input name="text" placeholder="Message" autocomplete="off" maxlength="4096" required aria-label="Message"><button>Send</button></form>';
  send(
    ctx,
    e164,
    `<header><a href="/" aria-label="All phones">←</a><h1>${escape(e164)}</h1></header><main id="live">${conversation}</main>${form}`,
  );
}

const button = ({ type, text, payload }: NonNullable<LedgerEntry['buttons']>[number]) =>
  payload === undefined
    ? `<span class="button">${escape(type === 'url' ? `Open ${text}` : text)}</span>`
    : `<button class="button" type="button" data-payload="${escape(payload)}">${escape(text)}</button>`;

function bubble(side: 'in' | 'out', text: string, at: string, buttons = '') {
  // WhatsApp shows *words* in bold; what the sandbox shows is escaped before.
  const html = escape(text).replace(/\*([^*\n]+)\*/g, '<strong>$1</strong>');
  return `<article class="${side}"><p>${html}</p><time datetime="${escape(at)}">${escape(at.slice(11, 16))}</time>${buttons}</article>`;
}

function send(ctx: Context, title: string, body: string) {
  ctx.type = 'html';
  ctx.set('Content-Security-Policy', policy);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escape(title)} · sandbox</title><style>${pageStyle}</style></head><body>${body}<script>${pageScript}</script></body></html>`;
}

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = `default-src 'none'; style-src ${hash(pageStyle)}; script-src ${hash(pageScript)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string) => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
