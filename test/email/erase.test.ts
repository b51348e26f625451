import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { anyAddress, mailer } from './mailer.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  await user.wantsMail({ email_reminders: true, invoice_notices: { issued: true } });
});
afterAll(() => stack.close());

test('nothing in Postgres names the address of a contact that was erased, and what waited does not leave', async () => {
  const { id, email } = await user.reader();
  const invoice = await user.reminded(id);
  await user.becomes(invoice.id, { 0: 'sent' });
  await user.arrivedAt(email, 2);
  await user.pauseMail('pause');
  const waits = await user.reminded(id);
  await user.mailReaches(waits.id, 'channel_paused');
  expect((await tenant.call('POST', `/api/v1/contacts/${id}/erase`)).status).toBe(200);
  await user.pauseMail('resume');
  expect(await user.outcome(waits.id).catch(() => 'cancelled')).toBe('cancelled');
  const tables = await stack.database.sql<{ table_name: string }>(
    `select table_name from information_schema.tables where table_schema = 'app'`,
  );
  for (const { table_name } of tables) {
    const rows = await stack.database.sql(`select 1 from app.${table_name} t where t::text like '%' || $1 || '%'`, [
      email,
    ]);
    expect({ table_name, rows }).toEqual({ table_name, rows: [] });
  }
  expect(await stack.mailsAt(email)).toHaveLength(2);
});

test('a reminder that has left by WhatsApp was sent, though its mail waits when its contact is erased', async () => {
  const { id, phone } = await user.reader();
  await user.pauseMail('pause');
  const invoice = await user.reminded(id);
  await user.mailReaches(invoice.id, 'channel_paused');
  await until(
    () => user.texts(phone),
    (texts) => texts.length === 1,
  );
  const states = () =>
    stack.database.sql<{ status: string }>('select status from app.messages where flow_id = $1', [invoice.id]);
  await until(states, (rows) => rows.some(({ status }) => status === 'delivered' || status === 'read'));
  expect((await tenant.call('POST', `/api/v1/contacts/${id}/erase`)).status).toBe(200);
  await user.becomes(invoice.id, { 0: 'sent' });
  await user.pauseMail('resume');
});

test('a mail goes to the address that the contact has when it leaves, and to none that it has no more', async () => {
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  await user.wantsMail();
  const { id, email } = await user.reader();
  await user.pauseMail('pause');
  const invoice = await user.reminded(id);
  // The WhatsApp message has left, and the flow waits.
  await until(
    () => user.flow(invoice.id),
    ({ stage }) => stage === 'channel_paused',
  );
  const moved = anyAddress();
  await tenant.call('PATCH', `/api/v1/contacts/${id}`, { email: moved });
  await until(
    () => user.ledgerOf(invoice.id),
    (rows) => rows.some(({ kind, recipient }) => kind === 'reminder' && recipient === moved),
  );
  await user.pauseMail('resume');
  await user.arrivedAt(moved);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await stack.mailsAt(email)).toEqual([]);
});
