import { hasNamedPlaces } from './template-parameters.ts';

const components = new Set(['HEADER', 'BODY', 'FOOTER', 'BUTTONS']);
const headers = new Set(['TEXT', 'IMAGE', 'DOCUMENT']);
/** Those whose parameters are known here, and those that have none. */
const buttons = new Set(['QUICK_REPLY', 'URL', 'OTP', 'PHONE_NUMBER', 'VOICE_CALL']);

/** As Meta writes it; what comes from elsewhere may have any shape. */
type Part = { type?: unknown; format?: unknown; buttons?: unknown } | null;

/** Why messages cannot be made of a template, whatever its state: it needs what cannot be said here. Or null. */
export function unfillable(parts: readonly unknown[]): string | null {
  for (const part of parts as readonly Part[]) {
    const type = word(part?.type);
    if (!components.has(type)) return `a component of type ${type || 'none'} cannot be filled in here`;
    const format = word(part?.format) || 'TEXT';
    if (type === 'HEADER' && !headers.has(format)) return `a header of format ${format} cannot be filled in here`;
    for (const button of (Array.isArray(part?.buttons) ? part.buttons : []) as Part[]) {
      const kind = word(button?.type);
      if (!buttons.has(kind)) return `a button of type ${kind || 'none'} cannot be filled in here`;
    }
  }
  return hasNamedPlaces(parts) ? 'named parameters are not supported: number them, as in {{1}}' : null;
}

const word = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 60).toUpperCase() : '');
