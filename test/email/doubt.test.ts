import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
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
  await stack.sandbox('DELETE', '/faults');
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  await user.wantsMail();
});

const attempts = (messageId: string) =>
  stack.database.sql<{ outcome: string; code: number | null; detail: string | null }>(
    'select outcome, code, detail from app.message_attempts where message_id = $1 order by n',
    [messageId],
  );

test('a mail whose connection is lost after its last byte is unknown, and is sent no second time', async () => {
  const { id, email } = await user.reader();
  await user.fault({ kind: 'smtp_drop_after_data', to: email });
  const invoice = await user.reminded(id);
  const mail = await user.mailReaches(invoice.id, 'unknown');
  // The WhatsApp message has left, so the reminder has; the flow waits for nobody's word for ever.
  expect(await user.outcome(invoice.id)).toBe('reminded');
  expect((await user.ledgerOf(invoice.id))[0]).toMatchObject({ status: 'unknown', attempts: 1, reason: 'no_answer' });
  expect(await attempts(mail.id)).toMatchObject([{ outcome: 'ambiguous' }]);
  expect(await stack.mailsAt(email)).toHaveLength(1);
  expect((await user.seen(invoice.id)).reminders).toMatchObject([{ status: 'sent' }]);
  // And a person is told, though the reminder has left: nobody else would look for it.
  const { data } = (await tenant.call('GET', '/api/v1/alerts')).body;
  const subject = await user.mailChannelId();
  expect(data).toContainEqual(expect.objectContaining({ kind: 'message_unknown', subject, occurrences: 1 }));
});

test('a mail that nobody answers for before its text is handed over was not sent, and is tried again', async () => {
  const { id, email } = await user.reader();
  await user.fault({ kind: 'smtp_timeout', to: email, count: 1 });
  const invoice = await user.reminded(id);
  await user.mailReaches(invoice.id, 'sent');
  expect(await stack.mailsAt(email)).toHaveLength(1);
  const [row] = await user.ledgerOf(invoice.id);
  expect(await attempts(row.id)).toMatchObject([{ outcome: 'not_sent' }, { outcome: 'accepted' }]);
});

test('a passing refusal puts the mail off for as long as the server may need', async () => {
  const { id, email } = await user.reader();
  await user.fault({ kind: 'smtp_451', to: email });
  const invoice = await user.reminded(id);
  const mail = await user.mailReaches(invoice.id, 'provider_asked');
  expect(mail).toMatchObject({ status: 'queued', error_code: 451, error_verdict: 'retry_after' });
  expect(new Date(mail.held_until).getTime() - new Date(mail.updated_at).getTime()).toBeGreaterThan(50_000);
  expect(await stack.mailsAt(email)).toEqual([]);
});

test('a mailbox that does not exist ends the mail, and the WhatsApp message counts', async () => {
  const { id, phone, email } = await user.reader();
  await user.fault({ kind: 'smtp_550', to: email });
  const invoice = await user.reminded(id);
  expect(await user.mailReaches(invoice.id, 'failed')).toMatchObject({ error_code: 550, error_verdict: 'never' });
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await user.texts(phone)).toHaveLength(1);
  const [row] = await user.ledgerOf(invoice.id);
  // What the server says may quote the address.
  expect(JSON.stringify(await attempts(row.id))).not.toContain('example.com');
});

test('a login that the server refuses pauses the channel and tells a person; the mail leaves when it is mended', async () => {
  const { id, phone, email } = await user.reader();
  await user.fault({ kind: 'smtp_535' });
  const invoice = await user.reminded(id);
  const channelId = await user.mailChannelId();
  const channel = await until(
    async () => (await tenant.call('GET', `/api/v1/channels/${channelId}`)).body,
    ({ status }) => status === 'paused',
  );
  expect(channel).toMatchObject({ type: 'email', pause_reason: 'reauthorise', pause_code: 535 });
  const { data } = (await tenant.call('GET', '/api/v1/alerts')).body;
  expect(data).toContainEqual(expect.objectContaining({ kind: 'channel_reauthorise', subject: channelId }));
  await user.mailReaches(invoice.id, 'channel_paused');
  await until(
    () => user.texts(phone),
    (texts) => texts.length === 1,
  );
  await stack.sandbox('DELETE', '/faults');
  await user.pauseMail('resume');
  await user.arrivedAt(email);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await stack.mailsAt(email)).toHaveLength(1);
  expect(await user.texts(phone)).toHaveLength(1);
});
