import type { Context } from 'koa';
import { clock, escape } from './page.ts';
import { pageStyle } from './page-style.ts';
import type { Mail } from './mailboxes.ts';

/**
 * A frame of a mail is under the page's own policy, and mails carry their styles with them: so styles are allowed here,
 * and neither scripts nor anything from elsewhere.
 */
const policy = `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const mailStyle = `
.mail { align-self: stretch; max-width: none }
.mail iframe { width: 100%; height: 24rem; border: 1px solid var(--line); border-radius: .3rem; background: #fff }
.mail pre { margin: .5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: .8rem/1.4 ui-monospace, monospace }
.mail summary { cursor: pointer; color: var(--link); font-size: .85rem; margin-top: .4rem }
`;

function sendMailPage(ctx: Context, title: string, body: string) {
  ctx.type = 'html';
  ctx.set('Content-Security-Policy', policy);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escape(title)} · sandbox</title><style>${pageStyle}${mailStyle}</style></head><body><div class="phone">${body}</div></body></html>`;
}

export function renderMailboxes(ctx: Context, boxes: { address: string; last: Mail | undefined }[]) {
  const items = boxes.map(
    ({ address, last }) =>
      `<li><a href="/mailboxes/${encodeURIComponent(address)}"><b>${escape(address)}</b><span>${escape(last?.subject ?? '')}</span>${last ? clock(last.at) : ''}</a></li>`,
  );
  const list =
    items.length > 0
      ? `<ul class="phones">${items.join('')}</ul>`
      : '<p class="empty">No mailbox has a mail yet. <a href="/">Phones</a></p>';
  sendMailPage(
    ctx,
    'Mailboxes',
    `<header><h1>Mailboxes</h1><p>Carillon sandbox</p></header><main tabindex="0">${list}</main>`,
  );
}

export function renderMailbox(ctx: Context, address: string, mails: readonly Mail[]) {
  const shown = mails.map(article).join('') || '<p class="empty">Nothing yet.</p>';
  sendMailPage(
    ctx,
    address,
    `<header><a href="/mailboxes" aria-label="All mailboxes">‹</a><h1>${escape(address)}</h1></header><main tabindex="0"><div id="live">${shown}</div></main>`,
  );
}

const article = ({ from, subject, text, html, headers, at }: Mail): string =>
  `<article class="mail"><h2>${escape(subject)}</h2><p class="small">${escape(from)}</p>` +
  (html === null ? `<p>${escape(text)}</p>` : frame(html)) +
  `<details><summary>Text</summary><pre>${escape(text)}</pre></details>` +
  `<details><summary>Headers</summary><pre>${escape(headers.map(({ name, value }) => `${name}: ${value}`).join('\n'))}</pre></details>` +
  `<footer>${clock(at)}</footer></article>`;

/** No script of a mail runs, and it has no origin; a link in it opens a page of its own. */
const frame = (html: string): string =>
  `<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escape(`<base target="_blank">${html}`)}"></iframe>`;
