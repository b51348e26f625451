import { z } from 'zod';
import { invoiceStatuses } from '../../domain/invoice.ts';
import { closeInvoice } from '../../services/invoices/close.ts';
import { createInvoice } from '../../services/invoices/create.ts';
import { getInvoice, listInvoices } from '../../services/invoices/get.ts';
import { updateInvoice } from '../../services/invoices/update.ts';
import { fromRule } from '../../services/reminders/add.ts';
import { remindersOf } from '../../services/reminders/get.ts';
import { tenantRoute } from '../route.ts';
import { id, line, pageOf, pageQuery } from '../schema.ts';
import { invoiceChange, invoiceInput } from './input.ts';
import {
  presentInvoice,
  presentMoved,
  presentReminder,
  presentStopped,
  invoiceView,
  movedView,
  reminderView,
  stoppedView,
} from './view.ts';

export const read = { tenant: 'header', verb: 'invoices:read' } as const;
export const write = { tenant: 'header', verb: 'invoices:write' } as const;
export const params = z.object({ invoice_id: id });
export const path = '/api/v1/invoices/{invoice_id}';
export const tag = 'Invoices';

const withReminders = invoiceView.extend({ reminders: z.array(reminderView) });

export const invoiceRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: '/api/v1/invoices',
      operationId: 'createInvoice',
      tag,
      summary: 'Create an invoice, with its reminders',
      description:
        'Reminders go to the contact until the invoice is paid or closed. Without `reminders` the tenant’s default ' +
        'schedule is used, if the invoice has a contact; with an empty list there are none. An invoice that gets its ' +
        'contact later has none until some are added.',
      body: invoiceInput,
      status: 201,
      idempotent: true,
      answer: withReminders,
      errors: [
        'invoice_exists',
        'unknown_contact',
        'invoice_without_contact',
        'unknown_placeholder',
        'payment_link_unavailable',
        'template_rule',
        'too_many_reminders',
        'duplicate_reminder',
        'no_channel',
      ],
    },
    async ({ scope }, { body }) => {
      const invoice = await createInvoice(scope, {
        invoiceNumber: body.invoice_number,
        contactId: body.contact_id,
        amount: body.amount,
        currency: body.currency,
        dueDate: body.due_date,
        timezone: body.timezone,
        status: body.status,
        reminders: body.reminders?.map(fromRule),
      });
      const reminders = await remindersOf(scope, invoice.id);
      return { ...presentInvoice(invoice), reminders: reminders.map(presentReminder) };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: '/api/v1/invoices',
      operationId: 'listInvoices',
      tag,
      summary: 'List invoices, newest first',
      query: pageQuery.extend({
        status: z.enum(invoiceStatuses).optional(),
        contact_id: id.optional(),
        invoice_number: line(100).optional(),
      }),
      status: 200,
      answer: pageOf(invoiceView),
    },
    async ({ scope }, { query: { contact_id, invoice_number, ...query } }) => {
      const page = await listInvoices(scope, { ...query, contactId: contact_id, invoiceNumber: invoice_number });
      return { data: page.rows.map(presentInvoice), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path,
      operationId: 'getInvoice',
      tag,
      summary: 'Show an invoice with its reminders',
      params,
      status: 200,
      answer: withReminders,
    },
    async ({ scope }, { params: { invoice_id } }) => {
      const invoice = await getInvoice(scope, invoice_id);
      return { ...presentInvoice(invoice), reminders: (await remindersOf(scope, invoice_id)).map(presentReminder) };
    },
  ),
  tenantRoute(
    {
      access: write,
      method: 'patch',
      path,
      operationId: 'updateInvoice',
      tag,
      summary: 'Change an invoice; what is pending moves or stops',
      description:
        'What is not named stays as it is, and so does all where the same is said again. The answer says which reminders ' +
        'leave at another time now. Another `due_date` plans by it also those that were moved by hand, by `reschedule` ' +
        'or a `resume` with `mode` `shift`, and those that a promise had dropped and that are ahead again. Of reminders ' +
        'that come to leave at the same instant one does, and the others are missed as `same_time` for as long as that is ' +
        'so. Another `amount` ends the payment page that somebody may have open. A paid invoice ' +
        'stays paid, whatever was refunded, unless `amount` is raised above what it was and above what came in and stayed: ' +
        'the difference is owed then, and reminders that are still ahead come back. One that was given up as ' +
        'uncollectible stays so, unless no more is asked than came in.',
      params,
      body: invoiceChange,
      status: 200,
      answer: invoiceView.extend({
        moved_reminders: movedView,
        cancelled_reminders: stoppedView,
      }),
      errors: ['invoice_exists', 'invoice_closed', 'invoice_without_contact', 'unknown_contact'],
    },
    async ({ scope }, { params: { invoice_id }, body }) => {
      const { invoice, moved, stopped } = await updateInvoice(scope, invoice_id, {
        invoiceNumber: body.invoice_number,
        contactId: body.contact_id,
        amount: body.amount,
        dueDate: body.due_date,
        timezone: body.timezone,
        status: body.status,
      });
      return {
        ...presentInvoice(invoice),
        moved_reminders: presentMoved(moved),
        cancelled_reminders: presentStopped(stopped),
      };
    },
  ),
  ...(['void', 'uncollectible'] as const).map((status) =>
    tenantRoute(
      {
        access: write,
        method: 'post',
        path: `${path}/${status}`,
        operationId: status === 'void' ? 'voidInvoice' : 'giveUpInvoice',
        tag,
        summary: status === 'void' ? 'Void an invoice; its reminders stop' : 'Give an invoice up; its reminders stop',
        params,
        status: 200,
        answer: invoiceView.extend({ cancelled_reminders: stoppedView }),
        errors: status === 'void' ? ['invoice_closed'] : ['invoice_closed', 'invoice_not_open'],
      },
      async ({ scope }, { params: { invoice_id } }) => {
        const { invoice, stopped } = await closeInvoice(scope, invoice_id, status);
        return { ...presentInvoice(invoice), cancelled_reminders: presentStopped(stopped) };
      },
    ),
  ),
];
