import type { OutboundMail } from './types.ts';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);

/** Addresses in a text become links; nothing else of it is more than text. */
function linked(line: string): string {
  return line
    .split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/)
    .map((part, n) =>
      n % 2 === 0 ? escapeHtml(part) : `<a href="${escapeHtml(part)}" style="color:#2563eb">${escapeHtml(part)}</a>`,
    )
    .join('');
}

const paragraphs = (body: string): string =>
  body
    .split(/\n{2,}/)
    .map((text) => `<p style="margin:0 0 16px">${text.split('\n').map(linked).join('<br>')}</p>`)
    .join('');

// One column in a table, which every reader shows alike, and no colour but of links and lines: the reader's own, light or
// dark, stay as they are.
/** The same as the text, for readers of HTML. Every value in it is escaped. */
export const htmlOf = ({ subject, body, sender, unsubscribe }: OutboundMail): string =>
  `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
  `<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">` +
  `<title>${escapeHtml(subject)}</title></head><body style="margin:0;padding:0">` +
  `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center">` +
  `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px">` +
  `<tr><td style="padding:24px 20px 8px;font:600 14px/1.4 system-ui,sans-serif">${escapeHtml(sender)}</td></tr>` +
  `<tr><td style="padding:8px 20px;font:16px/1.5 system-ui,sans-serif">${paragraphs(body)}</td></tr>` +
  `<tr><td style="padding:16px 20px 24px;border-top:1px solid #8886;font:13px/1.5 system-ui,sans-serif">` +
  `<a href="${escapeHtml(unsubscribe.url)}" style="color:#2563eb">No more ${escapeHtml(unsubscribe.what)} by e-mail</a>` +
  `</td></tr></table></td></tr></table></body></html>`;

export const textOf = ({ body, sender, unsubscribe }: OutboundMail): string =>
  `${body}\n\n-- \n${sender}\nNo more ${unsubscribe.what} by e-mail: ${unsubscribe.url}\n`;
