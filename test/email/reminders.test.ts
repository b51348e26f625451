import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { reminder } from '../invoices/biller.ts';
import { anyAddress, headerOf, mailer } from './mailer.ts';

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
});

test('a reminder goes to the phone and to the mailbox, once each, and counts as one', async () => {
  await user.wantsMail();
  const { id, phone, email } = await user.reader();
  const invoice = await user.reminded(id);
  const [mail] = await user.arrivedAt(email);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await user.texts(phone)).toEqual([expect.stringContaining('99.99')]);
  expect(await stack.mailsAt(email)).toHaveLength(1);
  expect(mail.subject).toBe(`Reminder: invoice ${invoice.invoice_number}`);
  expect(mail.text).toContain('Hi Ada, $99.99 of invoice');
  expect(mail.html).toContain('Hi Ada, $99.99 of invoice');
  expect(await user.outcome(invoice.id)).toBe('reminded');
});

test('a tenant that has not switched mail on sends none', async () => {
  const { id, phone, email } = await user.reader();
  const invoice = await user.reminded(id);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await user.texts(phone)).toHaveLength(1);
  expect(await stack.mailsAt(email)).toEqual([]);
  expect(await user.ledgerOf(invoice.id)).toEqual([]);
});

test('a contact without an address gets the WhatsApp message alone', async () => {
  await user.wantsMail();
  const { id, phone } = await user.customer();
  const invoice = await user.reminded(id);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await user.texts(phone)).toHaveLength(1);
  expect(await user.ledgerOf(invoice.id)).toEqual([]);
});

test('a reminder whose WhatsApp message is refused counts as sent when its mail has left', async () => {
  await user.wantsMail();
  const { id, phone, email } = await user.reader();
  await user.fault({ kind: 'refused', code: 131026, to: phone });
  const invoice = await user.reminded(id);
  await user.arrivedAt(email);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await user.texts(phone)).toEqual([]);
});

test('a tenant whose number is gone reminds by mail alone', async () => {
  await user.wantsMail();
  const { id, phone, email } = await user.reader();
  const invoice = await user.invoice(id, {
    reminders: [{ days_before_due: 0, message_template: 'Pay {amount_due}.' }],
  });
  await tenant.call('DELETE', `/api/v1/channels/${await user.whatsAppId()}`);
  await user.control(invoice.id, 'run-now');
  expect(await user.arrivedAt(email)).toHaveLength(1);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await user.texts(phone)).toEqual([]);
});

test('a contact without a phone is reminded by mail alone', async () => {
  await user.wantsMail();
  const email = anyAddress();
  const post = (body: object) => tenant.call('POST', '/api/v1/contacts', body);
  expect((await post({ first_name: 'Ada' })).status).toBe(422);
  const { body: contact } = await post({ first_name: 'Ada', email });
  expect(contact).toMatchObject({ phone_number: null, email });
  const invoice = await user.reminded(contact.id);
  expect(await user.arrivedAt(email)).toHaveLength(1);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await user.outcome(invoice.id)).toBe('reminded');
  expect((await tenant.call('PATCH', `/api/v1/contacts/${contact.id}`, { email: null })).status).toBe(422);
  expect((await user.send({ contact_id: contact.id, text: 'Hello' })).status).toBe(422);
  expect((await tenant.call('POST', `/api/v1/contacts/${contact.id}/erase`)).status).toBe(200);
});

test.each(['mail', 'phone'])('a %s that cannot be reached keeps no later reminder from the other', async (stuck) => {
  await user.wantsMail();
  const { id, phone, email } = await user.reader();
  const numberId = await user.whatsAppId();
  if (stuck === 'mail') await user.pauseMail('pause');
  else await tenant.call('POST', `/api/v1/channels/${numberId}/pause`, { reason: 'x' });
  const seen = async () => (stuck === 'mail' ? user.texts(phone) : stack.mailsAt(email));
  const arrived = (count: number) => until(seen, (shown) => shown.length === count);

  const invoice = await user.invoice(id, { reminders: [reminder(3), reminder(0), reminder(-3)] });
  for (const count of [1, 2]) {
    const [next] = await user.future(invoice.id).then((ahead) => ahead.filter(({ at }) => at > '2031'));
    await user.control(invoice.id, 'run-now', { item: next.id });
    await arrived(count);
  }
  // The first gave way to the second, whose rest still waits, until somebody has enough of it.
  await user.becomes(invoice.id, { 3: 'sent' });
  const reminders = (await user.seen(invoice.id)).reminders as { id: string; days_before_due: number }[];
  const [second, third] = [0, -3].map((days) => reminders.find(({ days_before_due }) => days_before_due === days));
  expect((await user.control(invoice.id, 'skip', { item: second?.id })).status).toBe(200);
  await user.becomes(invoice.id, { 0: 'sent' });

  if (stuck === 'mail') await user.pauseMail('resume');
  else await tenant.call('POST', `/api/v1/channels/${numberId}/resume`, {});
  await user.control(invoice.id, 'run-now', { item: third?.id });
  await user.becomes(invoice.id, { [-3]: 'sent' });
  expect([(await user.texts(phone)).length, (await stack.mailsAt(email)).length].toSorted()).toEqual([1, 3]);
});

test.each(['skip', 'delete'])(
  'what still waits of a reminder that has left by one medium can be stopped: %s',
  async (verb) => {
    await user.wantsMail();
    const { id, phone, email } = await user.reader();
    await user.pauseMail('pause');
    const invoice = await user.invoice(id, { reminders: [reminder(0), reminder(-7)] });
    await user.control(invoice.id, 'run-now');
    await until(
      () => user.texts(phone),
      (shown) => shown.length === 1,
    );
    const path = `/api/v1/invoices/${invoice.id}/reminders/${invoice.reminders[0].id}`;
    const stop = () => (verb === 'skip' ? tenant.call('POST', `${path}/skip`) : tenant.call('DELETE', path));
    expect((await stop()).status).toBeLessThan(300);
    await user.becomes(invoice.id, { 0: 'sent' });
    // Again, it changes nothing.
    expect((await stop()).status).toBeLessThan(300);
    await user.pauseMail('resume');
    await user.control(invoice.id, 'run-now', { item: invoice.reminders[1].id });
    await user.becomes(invoice.id, { [-7]: 'sent' });
    expect(await stack.mailsAt(email)).toHaveLength(1);
  },
);

test('what waits of a reminder is let go when mail is switched off, and the flow goes on', async () => {
  await user.wantsMail();
  const { id, phone } = await user.reader();
  await user.pauseMail('pause');
  const invoice = await user.reminded(id);
  await until(
    () => user.texts(phone),
    (shown) => shown.length === 1,
  );
  await user.wantsMail({ email_reminders: false });
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await user.outcome(invoice.id)).toBe('reminded');
});

test('a payment between the plan and the claim stops both, in its own transaction', async () => {
  await user.wantsMail();
  const { id, phone, email } = await user.reader();
  const numberId = await user.whatsAppId();
  await tenant.call('POST', `/api/v1/channels/${numberId}/pause`, { reason: 'x' });
  await user.pauseMail('pause');
  const invoice = await user.reminded(id);
  await user.mailReaches(invoice.id, 'channel_paused');
  const paid = await user.pay(invoice.id);
  expect(paid.body.cancelled_reminders).toHaveLength(1);
  expect(await user.ledgerOf(invoice.id)).toMatchObject([{ status: 'cancelled', reason: 'paid', attempts: 0 }]);
  await tenant.call('POST', `/api/v1/channels/${numberId}/resume`, {});
  await user.pauseMail('resume');
  expect(await user.outcome(invoice.id)).toBe('paid');
  expect(await stack.mailsAt(email)).toEqual([]);
  expect(await user.texts(phone)).toEqual([]);
});

test('a mail says whom it is from, what it answers for, and how to end it by one click', async () => {
  await user.wantsMail();
  const { id, email } = await user.reader();
  const invoice = await user.reminded(id);
  const [mail] = await user.arrivedAt(email);
  const [row] = await user.ledgerOf(invoice.id);
  expect(headerOf(mail, 'List-Unsubscribe')).toMatch(/^<http:\/\/127\.0\.0\.1:\d+\/unsubscribe\/[A-Za-z0-9_-]{48}>$/);
  expect(headerOf(mail, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
  expect(headerOf(mail, 'Message-ID')).toBe(`<${row.id}@sandbox.invalid>`);
  expect(headerOf(mail, 'Auto-Submitted')).toBe('auto-generated');
  expect(mail.text).toContain('/unsubscribe/');
});

test('a name with markup and line breaks is text in the mail, and no header or element', async () => {
  await user.wantsMail({
    email_reminders: true,
    email_texts: { reminder_subject: 'For {attributes.nick|you}: {invoice_number} für Ünï' },
  });
  const nick = 'Eve\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>';
  const { id, email } = await user.reader({ attributes: { nick } });
  await user.reminded(id, { message_template: 'Hello {attributes.nick|you}, pay {amount_due}.' });
  const [mail] = await user.arrivedAt(email);
  expect(headerOf(mail, 'Bcc')).toBeUndefined();
  expect(mail.subject).toMatch(/^For Eve Bcc: all@example\.com <script>alert\(1\)<\/script>: INV-\d+ für Ünï$/);
  expect(mail.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(mail.html).not.toContain('<script');
  const page = await stack.sandbox('GET', `/mailboxes/${encodeURIComponent(email)}`, undefined, {
    accept: 'text/html',
  });
  expect(page.status).toBe(200);
  expect(page.text).not.toContain('<script');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
});
