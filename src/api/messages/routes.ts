import { z } from 'zod';
import { cancelMessage } from '../../services/messages/cancel.ts';
import { createMessage } from '../../services/messages/direct.ts';
import { getMessage, listMessages, messageStatuses } from '../../services/messages/get.ts';
import { messageInput, toDirectMessage } from './input.ts';
import { proofRoute } from './proof.ts';
import { messageView, presentMessage } from './view.ts';
import { tenantRoute } from '../route.ts';
import { id, pageOf, pageQuery, phoneInput } from '../schema.ts';

const read = { tenant: 'header', verb: 'messages:read' } as const;
const write = { tenant: 'header', verb: 'messages:write' } as const;
const params = z.object({ message_id: id });
const path = '/api/v1/messages/{message_id}';
const tag = 'Messages';

export const messageRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: '/api/v1/messages',
      operationId: 'createMessage',
      tag,
      summary: 'Send one message',
      description:
        'Answers as soon as the message is in the ledger; it leaves when the rules let it: consent, quiet hours, ' +
        'frequency caps, the service window, and the pace of the recipient and the number. `GET /messages/{id}` says ' +
        'what it waits for. Free text, buttons, lists, documents and images need the 24 h service window.',
      body: messageInput,
      status: 202,
      idempotent: true,
      answer: messageView,
      errors: [
        'no_channel',
        'unknown_contact',
        'contact_erased',
        'opted_out',
        'not_opted_in',
        'unknown_template',
        'template_not_approved',
        'template_rule',
        'unknown_placeholder',
        'outside_service_window',
      ],
    },
    async ({ scope }, { body }) => presentMessage(await createMessage(scope, toDirectMessage(body))),
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: '/api/v1/messages',
      operationId: 'listMessages',
      tag,
      summary: 'List messages, newest first',
      query: pageQuery.extend({
        contact_id: id.optional(),
        flow_id: id.optional(),
        status: z.enum(messageStatuses).optional(),
        kind: z.string().max(40).optional(),
        to: phoneInput.optional(),
      }),
      status: 200,
      answer: pageOf(messageView),
    },
    async ({ scope }, { query: { contact_id, flow_id, ...query } }) => {
      const page = await listMessages(scope, { ...query, contactId: contact_id, flowId: flow_id });
      return { data: page.rows.map(presentMessage), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path,
      operationId: 'getMessage',
      tag,
      summary: 'Show a message',
      params,
      status: 200,
      answer: messageView,
    },
    async ({ scope }, { params: { message_id } }) => presentMessage(await getMessage(scope, message_id)),
  ),
  proofRoute,
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/cancel`,
      operationId: 'cancelMessage',
      tag,
      summary: 'Keep a message that waits from leaving',
      params,
      status: 200,
      answer: messageView,
      errors: ['conflict'],
    },
    async ({ scope }, { params: { message_id } }) => presentMessage(await cancelMessage(scope, message_id)),
  ),
];
