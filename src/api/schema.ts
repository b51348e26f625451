import { z } from 'zod';

/** An instant in answers: RFC 3339 in UTC with milliseconds. */
export const instant = z.iso.datetime({ precision: 3 }).meta({ example: '2026-11-23T19:28:02.000Z' });
/** An instant in requests: RFC 3339 with any zone. */
export const instantInput = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .meta({ example: '2027-01-31T08:00:00Z' });

export const id = z.uuid().meta({ description: 'A UUIDv7', example: '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f' });
export const tenantId = z.int().positive().meta({ example: 1 });
export const tenantPath = z.object({ tenant_id: z.coerce.number().int().positive().max(2_147_483_647) });

/** E.164 by its shape alone: whether a number is assigned is for the provider to say. */
export const phone = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'must be E.164: a plus sign and 7 to 15 digits')
  .meta({ description: 'E.164', example: '+1234567890' });

export const locale = z
  .string()
  .regex(/^[a-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,2}$/, 'must be a language tag such as en or pt_BR')
  .meta({ example: 'en' });

export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.uuid('is not a cursor of this list').optional(),
});

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() });

export const iso = (date: Date): string => date.toISOString();
export const isoOrNull = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;
