import { z } from 'zod';
import { topics } from '../domain/consent.ts';
import type { Contact } from '../entities/contact.ts';
import { createContact } from '../services/contacts/create.ts';
import { getContact, listContacts } from '../services/contacts/get.ts';
import { removeContact, updateContact } from '../services/contacts/update.ts';
import { tenantRoute } from './route.ts';
import {
  attributes,
  id,
  instant,
  iso,
  line,
  locale,
  optIn,
  pageOf,
  pageQuery,
  phone,
  phoneInput,
  timezone,
} from './schema.ts';

const name = line(100);
const fields = {
  first_name: name.nullable().optional(),
  last_name: name.nullable().optional(),
  email: z.email().max(254).nullable().optional(),
  timezone: timezone.nullable().optional(),
  locale: locale.nullable().optional(),
  tags: z.array(line(50)).max(50).optional(),
  attributes: attributes.optional(),
  opt_in: optIn.optional(),
};

const consent = z.object({ allowed: z.boolean(), source: z.string(), at: instant });

const contact = z
  .object({
    id,
    phone_number: phone.nullable().meta({ description: 'Null once the contact is erased' }),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    email: z.string().nullable(),
    timezone: z.string().nullable(),
    locale: z.string().nullable(),
    tags: z.array(z.string()),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    opt_in: z.partialRecord(z.enum(topics), consent),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Contact' });

const present = (row: Contact) => ({
  id: row.id,
  phone_number: row.phone ?? null,
  first_name: row.firstName ?? null,
  last_name: row.lastName ?? null,
  email: row.email ?? null,
  timezone: row.timezone ?? null,
  locale: row.locale ?? null,
  tags: row.tags,
  attributes: row.attributes,
  opt_in: row.consents,
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
});

type Body = z.output<z.ZodObject<typeof fields>> & { phone_number?: string | undefined };

const toFields = (body: Body) => ({
  firstName: body.first_name,
  lastName: body.last_name,
  email: body.email,
  timezone: body.timezone,
  locale: body.locale,
  tags: body.tags,
  attributes: body.attributes,
  optIn: body.opt_in,
});

const read = { tenant: 'header', role: 'viewer', permission: 'contacts:read' } as const;
const write = { tenant: 'header', role: 'member', permission: 'contacts:write' } as const;
const params = z.object({ contact_id: id });
const path = '/api/v1/contacts/{contact_id}';
const tag = 'Contacts';

export const contactRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: '/api/v1/contacts',
      operationId: 'createContact',
      tag,
      summary: 'Add a contact',
      body: z.strictObject({ phone_number: phoneInput, ...fields }),
      status: 201,
      answer: contact,
      errors: ['contact_exists'],
    },
    async ({ scope }, { body }) => present(await createContact(scope, { phone: body.phone_number, ...toFields(body) })),
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: '/api/v1/contacts',
      operationId: 'listContacts',
      tag,
      summary: 'List contacts, newest first',
      query: pageQuery.extend({ phone_number: phoneInput.optional(), tag: z.string().max(50).optional() }),
      status: 200,
      answer: pageOf(contact),
    },
    async ({ scope }, { query: { phone_number, ...query } }) => {
      const page = await listContacts(scope, { ...query, phone: phone_number });
      return { data: page.rows.map(present), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path,
      operationId: 'getContact',
      tag,
      summary: 'Show a contact',
      params,
      status: 200,
      answer: contact,
    },
    async ({ scope }, { params: { contact_id } }) => present(await getContact(scope, contact_id)),
  ),
  tenantRoute(
    {
      access: write,
      method: 'patch',
      path,
      operationId: 'updateContact',
      tag,
      summary: 'Change a contact',
      description:
        'Fields that are not named stay as they are; `null` empties one. `attributes` and `tags` are replaced.',
      params,
      body: z.strictObject({ phone_number: phoneInput.optional(), ...fields }),
      status: 200,
      answer: contact,
      errors: ['contact_exists'],
    },
    async ({ scope }, { params: { contact_id }, body }) =>
      present(await updateContact(scope, contact_id, { phone: body.phone_number, ...toFields(body) })),
  ),
  tenantRoute(
    {
      access: write,
      method: 'delete',
      path,
      operationId: 'deleteContact',
      tag,
      summary: 'Remove a contact',
      params,
      status: 204,
    },
    async ({ scope }, { params: { contact_id } }) => {
      await removeContact(scope, contact_id);
      return undefined;
    },
  ),
];
