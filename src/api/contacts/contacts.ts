import { z } from 'zod';
import { topics } from '../../domain/consent.ts';
import { createContact } from '../../services/contacts/create.ts';
import { eraseContact } from '../../services/contacts/erase/erase.ts';
import { contactChange, reachableContact } from '../../services/contacts/fields.ts';
import { getContact, listContacts } from '../../services/contacts/get.ts';
import { removeContact, updateContact } from '../../services/contacts/update.ts';
import { tenantRoute } from '../route.ts';
import { pageOf, pageQuery, phoneInput } from '../schema.ts';
import { contact, params, path, present, presenter, read, tag, write } from './view.ts';

const toFields = (body: z.output<typeof contactChange>) => ({
  phone: body.phone_number,
  firstName: body.first_name,
  lastName: body.last_name,
  email: body.email,
  timezone: body.timezone,
  locale: body.locale,
  tags: body.tags,
  attributes: body.attributes,
  optIn: body.opt_in,
});

export const contactRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: '/api/v1/contacts',
      operationId: 'createContact',
      tag,
      summary: 'Add a contact',
      body: reachableContact,
      status: 201,
      idempotent: true,
      answer: contact,
      errors: ['contact_exists'],
    },
    async ({ scope }, { body }) => present(scope, createContact(scope, toFields(body))),
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: '/api/v1/contacts',
      operationId: 'listContacts',
      tag,
      summary: 'List contacts, newest first',
      query: pageQuery.extend({
        phone_number: phoneInput.optional(),
        email: z.string().max(254).optional().meta({ description: 'In any case' }),
        tag: z.string().max(50).optional(),
        opted_in: z.enum(topics).optional().meta({ description: 'Those who have said yes to this topic' }),
      }),
      status: 200,
      answer: pageOf(contact),
    },
    async ({ scope }, { query: { phone_number, opted_in, ...query } }) => {
      const page = await listContacts(scope, { ...query, phone: phone_number, optedIn: opted_in });
      const show = await presenter(scope, page.rows);
      return { data: page.rows.map(show), next_cursor: page.nextCursor };
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
    async ({ scope }, { params: { contact_id } }) => present(scope, getContact(scope, contact_id)),
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
      body: contactChange,
      status: 200,
      answer: contact,
      errors: ['contact_exists', 'contact_erased'],
    },
    async ({ scope }, { params: { contact_id }, body }) =>
      present(scope, updateContact(scope, contact_id, toFields(body))),
  ),
  tenantRoute(
    {
      access: write,
      method: 'delete',
      path,
      operationId: 'deleteContact',
      tag,
      summary: 'Remove a contact',
      description: 'It is found no more and written to no more. `erase` also removes what is personal.',
      params,
      status: 204,
    },
    async ({ scope }, { params: { contact_id } }) => {
      await removeContact(scope, contact_id);
      return undefined;
    },
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/erase`,
      operationId: 'eraseContact',
      tag,
      summary: 'Remove everything personal about a contact',
      description:
        'From the contact, its messages, what it wrote, its passcodes and events, in one step that cannot be undone. ' +
        'What still runs for it is cancelled. That messages were sent, when, and what came of them stays. A contact ' +
        'that was removed before can be erased as well.',
      params,
      status: 200,
      answer: contact,
    },
    async ({ scope }, { params: { contact_id } }) => {
      // Before, and not beside it: a request that waits for others should hold nothing that these need.
      const show = await presenter(scope, []);
      return show(await eraseContact(scope, contact_id));
    },
  ),
];
