import { z } from 'zod';
import { topics } from '../../domain/consent.ts';
import { email, line, locale, phoneInput, timezone } from '../fields.ts';

const ATTRIBUTE_BYTES = 8 * 1024;

/** What a name may be under which a tenant keeps something of its own. */
export const attributeName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be named with a-z, 0-9 and _');

/** What a tenant knows of somebody beside the fixed fields. */
export const attributes = z
  .record(attributeName, z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]))
  .refine((value) => Object.keys(value).length <= 50, 'may have at most 50 entries')
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= ATTRIBUTE_BYTES, 'may have at most 8 KiB');

export const optIn = z
  .union([z.boolean(), z.strictObject(Object.fromEntries(topics.map((topic) => [topic, z.boolean().optional()])))])
  .meta({ description: '`true` for every topic, or an answer for some' });

const name = line(100);

/** What can be said of a contact, in a request as in a line of a file. */
export const contactFields = {
  first_name: name.nullable().optional(),
  last_name: name.nullable().optional(),
  email: email.nullable().optional(),
  timezone: timezone.nullable().optional(),
  locale: locale.nullable().optional(),
  tags: z.array(line(50)).max(50).optional(),
  attributes: attributes.optional(),
  opt_in: optIn.optional(),
};

export const newContact = z.strictObject({ phone_number: phoneInput, ...contactFields });
/** By the API; whoever is reached by mail alone gets reminders of invoices. A file names people by their phones. */
export const reachableContact = z
  .strictObject({
    phone_number: phoneInput.optional().meta({ description: 'May be absent where there is an `email`' }),
    ...contactFields,
  })
  .refine((given) => given.phone_number !== undefined || (given.email !== undefined && given.email !== null), {
    path: ['phone_number'],
    message: 'must be given, or else an email',
  });
export const contactChange = z.strictObject({ phone_number: phoneInput.optional(), ...contactFields });
