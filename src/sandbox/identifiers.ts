import { createHash, randomBytes } from 'node:crypto';

/** `wamid.` and the base64 of a small record that begins with the phone's digits, as Meta's own do. */
export function createWamid(e164: string): string {
  const digits = Buffer.from(e164.slice(1));
  const unique = Buffer.from(randomBytes(9).toString('hex').toUpperCase());
  const record = [[0x1c, 0x18, digits.length], digits, [0x15, 0x02, 0x00, 0x11, 0x18, unique.length], unique, [0x00]];
  return `wamid.${Buffer.concat(record.map((part) => Buffer.from(part))).toString('base64')}`;
}

/** E.164 with its `+` from what Meta and people write: with or without it, with spaces or dashes. */
export function readPhone(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/^\+/, '')
    .replace(/[\s()-]/g, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : undefined;
}

/** The business number that webhooks show; made up, but always the same for one channel. */
export const displayPhone = (phoneNumberId: string) => `1555${phoneNumberId.slice(-7)}`;

const numericId = (bytes: Buffer) => String(100_000_000_000_000n + (bytes.readBigUInt64BE() % 900_000_000_000_000n));
/** 15 digits, as Meta's ids of templates have; they fit a JSON number. */
export const newNumericId = () => numericId(randomBytes(8));
export const stableNumericId = (name: string) => numericId(createHash('sha256').update(name).digest());
