import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const shape = /^(crl_([0-9A-Za-z]{12})_([0-9A-Za-z]{32}))_([0-9A-Za-z]{6})$/;

export type ApiKeyParts = { keyId: string; secret: string };

/** A new key, `crl_<public id>_<secret>_<checksum>`: about 190 bits of secret, and a prefix that scanners can find. */
export function generateApiKey(): ApiKeyParts & { key: string } {
  const keyId = randomText(12);
  const secret = randomText(32);
  const body = `crl_${keyId}_${secret}`;
  return { key: `${body}_${checksum(body)}`, keyId, secret };
}

/** Takes a key apart. A mistyped one fails its checksum and costs no query. */
export function parseApiKey(key: string): ApiKeyParts | undefined {
  const match = shape.exec(key);
  if (!match) return undefined;
  const [, body = '', keyId = '', secret = '', check] = match;
  return checksum(body) === check ? { keyId, secret } : undefined;
}

/** What is stored of a secret. The salt is not in the database, so a copy of the table opens nothing. */
export function apiKeyMac(salt: string, { keyId, secret }: ApiKeyParts): Buffer {
  return createHmac('sha256', salt).update(`${keyId}.${secret}`).digest();
}

export function macEquals(stored: Uint8Array, computed: Uint8Array): boolean {
  return stored.length === computed.length && timingSafeEqual(stored, computed);
}

const randomText = (length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < 6; i += 1) {
    digits = alphabet.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
