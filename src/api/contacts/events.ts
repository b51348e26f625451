import { z } from 'zod';
import type { ContactEvent } from '../../entities/contact-event.ts';
import { addEvent, listEvents } from '../../services/contacts/events.ts';
import { attributeName, attributes } from '../../services/contacts/fields.ts';
import { tenantRoute } from '../route.ts';
import { id, instant, instantInput, iso, pageOf, pageQuery } from '../schema.ts';
import { attributesAnswer, params, path, read, tag, write } from './view.ts';

const event = z
  .object({ id, contact_id: id, name: z.string(), properties: attributesAnswer, at: instant })
  .meta({ id: 'ContactEvent' });

const present = ({ id: eventId, contactId, name, properties, at }: ContactEvent) => ({
  id: eventId,
  contact_id: contactId,
  name,
  properties,
  at: iso(at),
});

export const contactEventRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/events`,
      operationId: 'createContactEvent',
      tag,
      summary: 'Tell what a contact did',
      params,
      body: z.strictObject({ name: attributeName, properties: attributes.optional(), at: instantInput.optional() }),
      status: 201,
      idempotent: true,
      answer: event,
      errors: ['contact_erased'],
    },
    async ({ scope }, { params: { contact_id }, body }) => present(await addEvent(scope, contact_id, body)),
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: `${path}/events`,
      operationId: 'listContactEvents',
      tag,
      summary: 'List what a contact did, the last told first',
      params,
      query: pageQuery.extend({ name: z.string().max(40).optional() }),
      status: 200,
      answer: pageOf(event),
    },
    async ({ scope }, { params: { contact_id }, query }) => {
      const page = await listEvents(scope, contact_id, query);
      return { data: page.rows.map(present), next_cursor: page.nextCursor };
    },
  ),
];
