import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { anyAddress, mailer } from './mailer.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
});
afterAll(() => stack.close());
beforeEach(async () => {
  await stack.sandbox('DELETE', '/faults');
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  await user.wantsMail();
});

const change = (contactId: string, body: object) => tenant.call('PATCH', `/api/v1/contacts/${contactId}`, body);
const tried = (invoiceId: string, type: string) =>
  until(
    () =>
      stack.database.sql(
        `select from app.messages where (flow_id = $1 or key like 'invoice:' || $1 || ':%')
           and content ->> 'type' = $2 and attempts > 0 and status = 'queued'`,
        [invoiceId, type],
      ),
    (rows) => rows.length === 1,
  );

test('a mail that is being tried again goes on to the address that its contact has by now', async () => {
  const { id, email } = await user.reader();
  // Said before anything is handed over, and so tried again within the same activity.
  await user.fault({ kind: 'smtp_timeout', to: email });
  const invoice = await user.reminded(id);
  await tried(invoice.id, 'email');
  const other = anyAddress();
  await change(id, { email: other.toUpperCase() });
  const [mail] = await user.arrivedAt(other);
  expect(mail.text).toContain('$99.99');
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await user.ledgerOf(invoice.id)).toMatchObject([{ status: 'sent', recipient: other }]);
  expect([await stack.mailsAt(email), await stack.mailsAt(other)]).toMatchObject([[], [{}]]);
});

test('so does a notice, which has a flow of its own, also where the server had asked to wait', async () => {
  await user.wantsMail({ invoice_notices: { issued: true } });
  const { id, email } = await user.reader();
  await user.fault({ kind: 'smtp_451', to: email });
  const { id: invoiceId } = await user.invoice(id, { reminders: [] });
  const mail = await user.mailReaches(invoiceId, 'provider_asked');
  const other = anyAddress();
  await change(id, { email: other });
  await tenant.call('POST', `/api/v1/flows/${mail.id}/run-now`, { reason: 'the customer called' });
  expect(await user.arrivedAt(other)).toHaveLength(1);
});

test('and a WhatsApp message to the new phone', async () => {
  const { id, phone } = await user.customer();
  await user.fault({ kind: 'http_500', to: phone });
  const invoice = await user.reminded(id);
  await tried(invoice.id, 'text');
  const other = anyPhone();
  await change(id, { phone_number: other });
  await user.becomes(invoice.id, { 0: 'sent' });
  expect([await user.texts(phone), await user.texts(other)]).toEqual([[], [expect.stringContaining('99.99')]]);
});

test('where the contact has no address any more the mail ends, and the timeline says why', async () => {
  const { id, email } = await user.reader();
  await user.fault({ kind: 'smtp_timeout', to: email });
  const invoice = await user.reminded(id);
  await tried(invoice.id, 'email');
  await change(id, { email: null });
  const mail = await user.mailReaches(invoice.id, 'cancelled');
  expect(mail.reason).toBe('address_changed');
  const { past } = await user.timeline(invoice.id);
  expect(past).toContainEqual(
    expect.objectContaining({
      what: 'message.cancelled',
      message_id: mail.id,
      detail: expect.stringContaining('address_changed'),
    }),
  );
  await user.becomes(invoice.id, { 0: 'sent' });
});
