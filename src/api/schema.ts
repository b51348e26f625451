import { z } from 'zod';
import { roles } from '../domain/access.ts';
import { email } from '../services/fields.ts';
export { email, line, locale, phone, phoneInput, timezone } from '../services/fields.ts';

/** An instant in answers: RFC 3339 in UTC with milliseconds. */
export const instant = z.iso.datetime({ precision: 3 }).meta({ example: '2026-11-23T19:28:02.000Z' });
/** An instant in requests: RFC 3339 with any zone, in years that can be written the same way in UTC. */
export const instantInput = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((at) => at.getUTCFullYear() >= 1970 && at.getUTCFullYear() <= 9999, 'must be in the years 1970 to 9999')
  .meta({ example: '2027-01-31T08:00:00Z' });

export const id = z.uuid().meta({ description: 'A UUIDv7', example: '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f' });
export const role = z.enum(roles).meta({ description: '`owner` > `admin` > `member` > `viewer`' });
/** An address of a user, whose capitals make no difference. */
export const emailInput = email.toLowerCase().meta({ example: 'ann@example.com' });

export const tenantId = z.int().positive().meta({ example: 1 });
/** A whole number in a path or query: in plain digits, so that one number is written in one way. */
const digits = (number: z.ZodNumber) =>
  z.preprocess((text) => (typeof text === 'string' && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : text), number);

export const tenantPath = z.object({ tenant_id: digits(z.int().positive().max(2_147_483_647)) });

export const pageQuery = z.strictObject({
  limit: digits(z.int().min(1).max(100)).default(50),
  cursor: z.uuid('is not a cursor of this list').optional(),
});

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() });

export const iso = (date: Date): string => date.toISOString();
export const isoOrNull = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;
