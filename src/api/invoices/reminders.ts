import { z } from 'zod';
import { addReminder, fromRule } from '../../services/reminders/add.ts';
import { getReminder, listReminders } from '../../services/reminders/get.ts';
import { stopReminder } from '../../services/reminders/stop.ts';
import { tenantRoute } from '../route.ts';
import { id } from '../schema.ts';
import { reminderInput } from './input.ts';
import { params, path, read, tag, write } from './invoices.ts';
import { presentReminder, reminderView } from './view.ts';

const one = z.object({ invoice_id: id, reminder_id: id });

export const reminderRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/reminders`,
      operationId: 'addReminder',
      tag,
      summary: 'Add a reminder, also after the last one was sent',
      params,
      body: reminderInput,
      status: 201,
      idempotent: true,
      answer: reminderView,
      errors: [
        'invoice_closed',
        'invoice_without_contact',
        'unknown_placeholder',
        'payment_link_unavailable',
        'template_rule',
        'too_many_reminders',
        'duplicate_reminder',
        'no_channel',
      ],
    },
    async ({ scope }, { params: { invoice_id }, body }) => {
      const { id: added } = await addReminder(scope, invoice_id, fromRule(body));
      return presentReminder(await getReminder(scope, invoice_id, added));
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: `${path}/reminders`,
      operationId: 'listReminders',
      tag,
      summary: 'List the reminders of an invoice, in the order in which they leave',
      params,
      status: 200,
      answer: z.object({ data: z.array(reminderView), next_cursor: z.null() }),
    },
    async ({ scope }, { params: { invoice_id } }) => ({
      data: (await listReminders(scope, invoice_id)).map(presentReminder),
      next_cursor: null,
    }),
  ),
  tenantRoute(
    {
      access: write,
      method: 'delete',
      path: `${path}/reminders/{reminder_id}`,
      operationId: 'deleteReminder',
      tag,
      summary: 'Take a pending reminder out of the plan',
      description: 'It stays in the list, as `cancelled`; one that has left by WhatsApp or mail alone as what left.',
      params: one,
      status: 204,
      errors: ['reminder_not_pending'],
    },
    async ({ scope }, { params: { invoice_id, reminder_id } }) => {
      await stopReminder(scope, { invoiceId: invoice_id, id: reminder_id, why: 'deleted' });
      return undefined;
    },
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/reminders/{reminder_id}/skip`,
      operationId: 'skipReminder',
      tag,
      summary: 'Skip a pending reminder',
      params: one,
      status: 200,
      answer: reminderView,
      errors: ['reminder_not_pending'],
    },
    async ({ scope }, { params: { invoice_id, reminder_id } }) =>
      presentReminder(await stopReminder(scope, { invoiceId: invoice_id, id: reminder_id, why: 'skipped' })),
  ),
];
