import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { until } from '../harness/until.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { headerOf, mailer } from './mailer.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  await user.wantsMail({ email_reminders: true, invoice_notices: { issued: true } });
});

/** The link of the first reminder that a new reader gets. */
async function reminded(): Promise<{ reader: { id: string; phone: string; email: string }; link: string; mail: Json }> {
  const reader = await user.reader();
  const invoice = await user.reminded(reader.id);
  await user.becomes(invoice.id, { 0: 'sent' });
  const mails = await user.arrivedAt(reader.email, 2);
  const mail = mails.find(({ subject }) => subject.startsWith('Reminder'));
  return { reader, mail, link: (headerOf(mail, 'List-Unsubscribe') ?? '').slice(1, -1) };
}

const oneClick = (link: string) =>
  fetch(link, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
  });

const refusals = () =>
  stack.database.sql<{ topic: string }>('select topic from app.mail_refusals where tenant_id = $1', [tenant.id]);
const audits = () =>
  stack.database.sql<{ fields: string[] }>(
    `select fields from app.audit_log where tenant_id = $1 and action = 'contact.unsubscribe'`,
    [tenant.id],
  );

test('one click ends reminders by mail, and neither WhatsApp nor other mails', async () => {
  const { reader, link } = await reminded();
  const seen = async () => (await tenant.call('GET', `/api/v1/contacts/${reader.id}`)).body.email_refusals;
  expect(await seen()).toEqual([]);
  expect((await oneClick(link)).status).toBe(200);
  expect(await seen()).toEqual(['reminders']);
  const next = await user.reminded(reader.id);
  await user.becomes(next.id, { 0: 'sent' });
  expect(await user.texts(reader.phone)).toHaveLength(2);
  const subjects = (await user.arrivedAt(reader.email, 3)).map(({ subject }) => subject.split(':')[0].split(' ')[0]);
  expect(subjects.toSorted()).toEqual(['Invoice', 'Invoice', 'Reminder']);
});

test('to open the link changes nothing, and shows a button', async () => {
  const { link } = await reminded();
  const opened = await fetch(link);
  expect(opened.status).toBe(200);
  expect(await opened.text()).toMatch(/<form method="post">.*<button>/);
  expect(opened.headers.get('cache-control')).toBe('no-store');
  expect((await fetch(link, { method: 'HEAD' })).status).toBe(200);
  expect(await refusals()).toEqual([]);
});

test('to click again changes nothing, and is noted once', async () => {
  const { link } = await reminded();
  await oneClick(link);
  expect((await oneClick(link)).status).toBe(200);
  expect(await refusals()).toEqual([{ topic: 'reminders' }]);
  expect(await audits()).toEqual([{ fields: ['email', 'reminders'] }]);
});

test('who has clicked by mistake takes it back on the same page', async () => {
  const { reader, link } = await reminded();
  expect(await (await oneClick(link)).text()).toContain(`${new URL(link).pathname}/undo`);
  expect((await fetch(`${link}/undo`, { method: 'POST' })).status).toBe(200);
  expect(await refusals()).toEqual([]);
  const history = await stack.database.sql(
    `select topic, allowed from app.contact_consents where contact_id = $1 and source = 'email' order by at`,
    [reader.id],
  );
  expect(history).toEqual([
    { topic: 'reminders', allowed: false },
    { topic: 'reminders', allowed: true },
  ]);
});

test('a mail that waits already does not leave after the click', async () => {
  const { reader, link } = await reminded();
  await user.pauseMail('pause');
  const next = await user.reminded(reader.id);
  // The notice waits as well, and was written before.
  const reminderMail = async () => (await user.ledgerOf(next.id)).find(({ kind }) => kind === 'reminder');
  await until(reminderMail, (row) => row?.reason === 'channel_paused');
  await oneClick(link);
  await user.pauseMail('resume');
  await user.becomes(next.id, { 0: 'sent' });
  expect(await reminderMail()).toMatchObject({ status: 'cancelled', reason: 'unsubscribed', attempts: 0 });
});

test('a link that we did not make is not known, and says so on a page', async () => {
  const { link } = await reminded();
  for (const token of [
    'x',
    `${link.slice(link.lastIndexOf('/') + 1, -1)}${link.endsWith('A') ? 'B' : 'A'}`,
    'A'.repeat(48),
  ]) {
    const answer = await fetch(`${stack.apiUrl}/unsubscribe/${token}`, { method: 'POST' });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('text/html');
  }
  expect(await refusals()).toEqual([]);
});

test('a new contact with the address of one who was erased gets no reminders by mail either', async () => {
  const { reader, link } = await reminded();
  await oneClick(link);
  expect((await tenant.call('POST', `/api/v1/contacts/${reader.id}/erase`)).status).toBe(200);
  const rows = await stack.database.sql('select * from app.mail_refusals where tenant_id = $1', [tenant.id]);
  expect(JSON.stringify(rows)).not.toContain(reader.email);
  const again = await user.customer({ email: reader.email });
  const invoice = await user.reminded(again.id);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect((await user.ledgerOf(invoice.id)).filter(({ kind }) => kind === 'reminder')).toEqual([]);
});
