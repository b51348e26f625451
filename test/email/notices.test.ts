import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { runForTenant } from '../../src/database.ts';
import { outcomeStatement } from '../../src/services/messages/record.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { mailer } from './mailer.ts';

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
});

test('an invoice is announced when it opens, and a receipt comes when it is paid, once each', async () => {
  await user.wantsMail({ invoice_notices: { issued: true, paid: true } });
  const { id, phone, email } = await user.reader();
  const invoice = await user.invoice(id, { status: 'draft' });
  expect(await user.ledgerOf(invoice.id)).toEqual([]);
  await user.patch(invoice.id, { status: 'open' });
  expect((await user.arrivedAt(email))[0].text).toContain(`here is invoice ${invoice.invoice_number} over $99.99`);
  await user.pay(invoice.id, '50');
  await user.pay(invoice.id, '49.99');
  await user.pay(invoice.id, '1');
  const mails = await user.arrivedAt(email, 2);
  expect(mails.map(({ subject }) => subject)).toEqual([
    `Invoice ${invoice.invoice_number}`,
    `Receipt for invoice ${invoice.invoice_number}`,
  ]);
  expect((await user.ledgerOf(invoice.id)).map(({ kind, topic }) => [kind, topic])).toEqual([
    ['notice', 'transactional'],
    ['notice', 'transactional'],
  ]);
  expect(await user.texts(phone)).toEqual([]);
});

test('an invoice that is paid before its notice has left is not announced any more', async () => {
  await user.wantsMail({ invoice_notices: { issued: true } });
  const { id, email } = await user.reader();
  await user.pauseMail('pause');
  const invoice = await user.invoice(id);
  const notice = await user.mailReaches(invoice.id, 'channel_paused');
  await user.pay(invoice.id);
  expect(await user.ledgerOf(invoice.id)).toMatchObject([{ status: 'cancelled', reason: 'paid', attempts: 0 }]);
  await user.pauseMail('resume');
  const flow = await until(
    () => user.flow(notice.id),
    ({ status }) => status !== 'running',
  );
  expect(flow).toMatchObject({ kind: 'message', outcome: 'cancelled' });
  expect(await stack.mailsAt(email)).toEqual([]);
});

test('a notice in doubt whose invoice is void ends as cancelled when it is heard that it was not taken', async () => {
  await user.wantsMail({ invoice_notices: { issued: true } });
  const { id, email } = await user.reader();
  await user.fault({ kind: 'smtp_drop_after_data', to: email, count: 1 });
  const invoice = await user.invoice(id);
  const { id: notice, fence } = await user.mailReaches(invoice.id, 'unknown');
  await user.post(`/${invoice.id}/void`);
  // As its sender would write, had it been taken for dead.
  const { statement } = outcomeStatement({ id: notice, fence }, { kind: 'not_sent', reason: 'late' }, true, String);
  const pool = new pg.Pool({ connectionString: stack.database.appUrl, pipeline: true } as pg.PoolConfig);
  await runForTenant(pool, tenant.id, statement).finally(() => pool.end());
  expect(await user.ledgerOf(invoice.id)).toMatchObject([{ status: 'cancelled', reason: 'void' }]);
  const flow = await until(
    () => user.flow(notice),
    ({ status }) => status !== 'running',
    { withinMs: 40_000 },
  );
  expect(flow).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
});

test('a tenant says what notices say, and switching them off takes back what waits', async () => {
  const answer = await user.wantsMail({
    invoice_notices: { issued: true },
    email_texts: { issued_subject: 'Rechnung {invoice_number}', issued_text: 'Bitte {amount} bis {due_date}.' },
  });
  expect(answer.body.email_texts).toMatchObject({
    issued_subject: 'Rechnung {invoice_number}',
    paid_subject: 'Receipt for invoice {invoice_number}',
  });
  const { id, email } = await user.reader();
  const { invoice_number } = await user.invoice(id);
  const [mail] = await user.arrivedAt(email);
  expect(mail).toMatchObject({ subject: `Rechnung ${invoice_number}` });
  expect(mail.text).toMatch(/^Bitte \$99\.99 bis /);
  await user.pauseMail('pause');
  const waits = await user.invoice(id);
  await user.mailReaches(waits.id, 'channel_paused');
  await user.settings({ invoice_notices: { issued: false } });
  const rows = await until(
    () => user.ledgerOf(waits.id),
    ([row]) => row?.status === 'cancelled',
  );
  expect(rows).toMatchObject([{ reason: 'email_off' }]);
});

test('a text that names nothing known is refused, and null brings the default back', async () => {
  const refused = await user.settings({ email_texts: { issued_text: 'Hello {nobody}' } });
  expect(refused).toMatchObject({ status: 422, body: { code: 'unknown_placeholder' } });
  expect((await user.settings({ email_texts: { paid_subject: 'a\nb' } })).status).toBe(422);
  await user.settings({ email_texts: { paid_subject: 'Danke' } });
  const back = await user.settings({ email_texts: { paid_subject: null } });
  expect(back.body.email_texts.paid_subject).toBe('Receipt for invoice {invoice_number}');
});
