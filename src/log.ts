import { pino, type Logger } from 'pino';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

/** Fields that must never be written, wherever they turn up in a logged object. */
const personal = ['phone', 'phone_number', 'code', 'key', 'token', 'password', 'authorization', 'provider_id', 'body'];

/**
 * JSON lines with ids and words. Messages of foreign errors can quote what they failed on (Postgres puts values
 * into details), so an error is written as its name, code and stack, without the message's quoted parts.
 */
export function createLog(config: Pick<Config, 'logLevel'>): Logger {
  return pino({
    level: config.logLevel,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: personal.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[hidden]' },
    formatters: { level: (level) => ({ level }) },
    base: { pid: process.pid },
    serializers: { err: describeError },
  });
}

/** What a log may say of an error. Digits of five and more, addresses, quoted text and credentials are masked. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, cause } = error as Error & { code?: unknown };
  return {
    type: error.name,
    message: mask(error.message),
    // Not `code`: a field of that name is taken for a passcode and hidden.
    ...(typeof code === 'number' ? { error_code: code } : {}),
    // A SQLSTATE is five characters, often all digits: too short to be a number or code of anybody.
    ...(typeof code === 'string' ? { error_code: /^[0-9A-Z]{5}$/.test(code) ? code : mask(code) } : {}),
    // The stack begins with the message, whose lines may look like the stack's own.
    stack: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map(mask)
      .join('\n'),
    ...(cause instanceof Error ? { cause: describeError(cause) } : {}),
  };
}

/** What credentials begin with, or where they stand in an address. All of it to the end goes, since parts would tell. */
const credentials =
  /(wamid\.|cr[lipr]_|[rs]k_(?:live|test)_|whsec_|EAA(?=[A-Za-z0-9]{16})|eyJ|Bearer |\/(?:pay|unsubscribe)\/(?=[\w-]{32}))[\w.+/=-]+/g;
const quoted = /'[^']*'|"[^"]*"/g;
/** So long that they are drawn by lot, or a hash, such as Meta's app secrets. */
const longWords = /(?<!\w)\w{32,}/g;
const identifier = /^(?:\D+|[a-z]+(?:_[a-z\d]{1,20})+)$/;
const logins = /:\/\/[^\s/…]+@/g;
const mails = /(?<![^\s<>"'(),;:=/[\]{}])[^\s@…<>"'(),;:=/[\]{}]+@[^\s@<>"'(),;:=/[\]{}]+/g;
const idsAndDigits = /(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])|\+?\d{5,}/gi;

/**
 * Whole credentials come first: their parts would no longer look like what they are. UUIDs name our own rows, and stay.
 * Every line of the SDK's and of a stack comes by here: no pattern takes longer than in proportion to the text, and the
 * dearer ones are tried only on what they could be about.
 */
export function mask(text: string): string {
  let masked = text
    .replaceAll(credentials, '$1…')
    .replaceAll(quoted, "'…'")
    .replaceAll(longWords, (found) => (identifier.test(found) ? found : '…'));
  // A package's scope, as in many a line of a stack, stands behind a slash.
  if (/[^\s/]@/.test(masked)) masked = masked.replaceAll(logins, '://…@').replaceAll(mails, '…@…');
  if (/\d{5}/.test(masked)) masked = masked.replaceAll(idsAndDigits, (id) => (id.includes('-') ? id : '#####'));
  return masked.slice(0, 500);
}
