import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { z } from 'zod';
import { topics } from '../domain/consent.ts';

/** An instant in answers: RFC 3339 in UTC with milliseconds. */
export const instant = z.iso.datetime({ precision: 3 }).meta({ example: '2026-11-23T19:28:02.000Z' });
/** An instant in requests: RFC 3339 with any zone, in years that can be written the same way in UTC. */
export const instantInput = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((at) => at.getUTCFullYear() >= 1970 && at.getUTCFullYear() <= 9999, 'must be in the years 1970 to 9999')
  .meta({ example: '2027-01-31T08:00:00Z' });

export const id = z.uuid().meta({ description: 'A UUIDv7', example: '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f' });
export const tenantId = z.int().positive().meta({ example: 1 });
/** A whole number in a path or query: in plain digits, so that one number is written in one way. */
const digits = (number: z.ZodNumber) =>
  z.preprocess((text) => (typeof text === 'string' && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : text), number);

export const tenantPath = z.object({ tenant_id: digits(z.int().positive().max(2_147_483_647)) });

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

export const timezone = z
  .string()
  .max(60)
  .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin')
  .meta({ example: 'Europe/Berlin' });

function isTimeZone(name: string): boolean {
  try {
    return (
      new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && /^[A-Za-z]/.test(name)
    );
  } catch {
    return false;
  }
}

const ATTRIBUTE_BYTES = 8 * 1024;

/** What a tenant knows of somebody beside the fixed fields. */
export const attributes = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be named with a-z, 0-9 and _'),
    z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]),
  )
  .refine((value) => Object.keys(value).length <= 50, 'may have at most 50 entries')
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= ATTRIBUTE_BYTES, 'may have at most 8 KiB');

export const optIn = z
  .union([z.boolean(), z.strictObject(Object.fromEntries(topics.map((topic) => [topic, z.boolean().optional()])))])
  .meta({ description: '`true` for every topic, or an answer for some' });

export const locale = z
  .string()
  .regex(/^[a-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,2}$/, 'must be a language tag such as en or pt_BR')
  .meta({ example: 'en' });

export const pageQuery = z.strictObject({
  limit: digits(z.int().min(1).max(100)).default(50),
  cursor: z.uuid('is not a cursor of this list').optional(),
});

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() });

export const iso = (date: Date): string => date.toISOString();
export const isoOrNull = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;
