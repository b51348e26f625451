import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/** Sends a page under a policy that allows its own style and script, calls to its own origin, and nothing else. */
export function sendPage(ctx: Context, title: string, body: string) {
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
export const escape = (text: string) => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);

/** WhatsApp shows *words* in bold and _words_ slanted; what the sandbox shows is escaped before. */
export const format = (text: string) =>
  escape(text)
    .replace(/\*([^*\n]+)\*/g, '<strong>$1</strong>')
    .replace(/(^|\s)_([^_\n]+)_(?=\s|[.,!?]|$)/gm, '$1<em>$2</em>');

export const clock = (at: string) =>
  `<time datetime="${escape(at)}" title="${escape(at)}">${escape(at.slice(11, 16))}</time>`;
