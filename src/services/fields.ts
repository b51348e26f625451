import { isTimeZone } from '../domain/quiet-hours.ts';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { z } from 'zod';

/** Text of one line: control characters would break the lines of whatever shows it. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text), 'must not have control characters');

/** E.164 by its shape alone: whether a number is assigned is for the provider to say. */
export const phone = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'must be E.164: a plus sign and 7 to 15 digits')
  .meta({ description: 'E.164', example: '+1234567890' });

/** As people write numbers, with spaces and brackets; answered as E.164. It must begin with its country's code. */
export const phoneInput = z
  .string()
  .max(40)
  .transform((text) => parsePhoneNumberFromString(text, { extract: false })?.number ?? text.replaceAll(/[\s().-]/g, ''))
  .pipe(phone)
  .meta({ example: '+1234567890' });

/** A mail address that servers can take (RFC 5321): its first part has at most 64 characters. */
export const email = z
  .email()
  .max(254)
  .refine((address) => address.indexOf('@') <= 64, 'has more than 64 characters before the @');

export const timezone = z
  .string()
  .max(60)
  .refine(isKnownZone, 'must be an IANA time zone such as Europe/Berlin')
  .meta({ example: 'Europe/Berlin' });

/** Names that were found to be right: to ask about one is slow, and files name the same few again and again. */
const knownZones = new Set<string>();
const MAX_KNOWN_ZONES = 1_000;

function isKnownZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  if (!isTimeZone(name)) return false;
  if (knownZones.size < MAX_KNOWN_ZONES) knownZones.add(name);
  return true;
}

export const locale = z
  .string()
  .regex(/^[a-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,2}$/, 'must be a language tag such as en or pt_BR')
  .meta({ example: 'en' });
