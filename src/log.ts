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

/** What a log may say of an error. Digits of five and more, quoted text and credentials are masked: they may be somebody's. */
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

const idsAndDigits = /(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])|\+?\d{5,}/gi;

/** Whole credentials come first: their parts would no longer look like what they are. UUIDs name our own rows, and stay. */
export const mask = (text: string): string =>
  text
    .replaceAll(/wamid\.[A-Za-z0-9+/=_-]+/g, 'wamid.…')
    .replaceAll(/crl_[A-Za-z0-9_]+/g, 'crl_…')
    .replaceAll(/eyJ[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*)+/g, 'eyJ…')
    .replaceAll(/'[^']*'|"[^"]*"/g, "'…'")
    .replaceAll(idsAndDigits, (found) => (found.includes('-') ? found : '#####'))
    .slice(0, 500);
