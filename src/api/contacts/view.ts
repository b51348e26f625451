import { z } from 'zod';
import type { Scope } from '../../context.ts';
import { topics } from '../../domain/consent.ts';
import type { Contact } from '../../entities/contact.ts';
import { effectiveLocale, effectiveTimezone } from '../../services/contacts/timezone.ts';
import { getSettings } from '../../services/settings/get.ts';
import { mailRefusalsOf } from '../../services/unsubscribe/refusals.ts';
import { id, instant, iso, isoOrNull, phone } from '../schema.ts';

const consent = z.object({ allowed: z.boolean(), source: z.string(), at: instant });
export const attributesAnswer = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const contact = z
  .object({
    id,
    phone_number: phone
      .nullable()
      .meta({ description: 'Null once the contact is erased, or where only an `email` is known' }),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    email: z.string().nullable(),
    timezone: z.string().nullable().meta({ description: 'What was said of it' }),
    effective_timezone: z
      .string()
      .meta({ description: "What was said, else the zone of the phone's country, else the tenant's" }),
    locale: z.string().nullable().meta({ description: 'What was said of it' }),
    effective_locale: z.string().meta({ description: "What was said, else the tenant's" }),
    tags: z.array(z.string()),
    attributes: attributesAnswer,
    opt_in: z.partialRecord(z.enum(topics), consent),
    email_refusals: z.array(z.enum(topics)).meta({
      description:
        'What the person wants no mail about, as they have said by the link in one; `opt_in` is about WhatsApp',
    }),
    created_at: instant,
    updated_at: instant,
    erased_at: instant.nullable(),
  })
  .meta({ id: 'Contact' });

/** What stood before a no is for us to give back, and none of the caller's words. */
const wordsOf = (consents: Contact['consents']): z.input<typeof contact>['opt_in'] =>
  Object.fromEntries(
    Object.entries(consents).map(([topic, { allowed, source, at }]) => [topic, { allowed, source, at }]),
  );

/** Contacts as they are answered, with what the tenant's settings make of what was not said. */
export async function presenter(scope: Scope, rows: readonly Contact[]) {
  const { timezone, locale } = await getSettings(scope);
  const emails = rows.flatMap(({ email }) => email ?? []);
  const refusals = await mailRefusalsOf(scope, emails);
  return (row: Contact) => ({
    id: row.id,
    phone_number: row.phone ?? null,
    first_name: row.firstName ?? null,
    last_name: row.lastName ?? null,
    email: row.email ?? null,
    timezone: row.timezone ?? null,
    effective_timezone: effectiveTimezone(row, timezone),
    locale: row.locale ?? null,
    effective_locale: effectiveLocale(row, locale),
    tags: row.tags,
    attributes: row.attributes,
    opt_in: wordsOf(row.consents),
    email_refusals: refusals(row.email),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    erased_at: isoOrNull(row.erasedAt),
  });
}

export async function present(scope: Scope, work: Promise<Contact>) {
  const row = await work;
  const show = await presenter(scope, [row]);
  return show(row);
}

export const read = { tenant: 'header', verb: 'contacts:read' } as const;
export const write = { tenant: 'header', verb: 'contacts:write' } as const;
export const params = z.object({ contact_id: id });
export const path = '/api/v1/contacts/{contact_id}';
export const tag = 'Contacts';
