import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mailer } from '../email/mailer.ts';
import { startSlowMailServer } from '../email/slow-mail-server.ts';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { businessOf, seconds } from '../webhooks/signed.ts';
import { loseWorkflow } from './lose-workflow.ts';

let mails: Awaited<ReturnType<typeof startSlowMailServer>>;
let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  mails = await startSlowMailServer();
  stack = await createStack({ through: { smtpUrl: () => mails.url } });
  await stack.startApi('true');
});
afterAll(async () => {
  await stack.close();
  await mails.close();
});
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
});

const messageOf = async (id: string): Promise<Json> => {
  const [row] = await stack.database.sql<Json>(
    `select id, status, reason from app.messages where flow_id = $1 and content ->> 'type' <> 'email'`,
    [id],
  );
  return row;
};

/** An invoice whose reminder is in doubt by WhatsApp, and with the mail server, when its workflow is terminated. */
async function undriven() {
  await user.wantsMail();
  const { id: contact, phone } = await user.reader();
  for (const kind of ['accept_then_reset', 'no_status']) await user.fault({ kind, to: phone, count: 1 });
  const mail = mails.keepNext();
  const { id } = await user.reminded(contact);
  await mail.came;
  const message = await until(
    () => messageOf(id),
    (row) => row?.status === 'unknown',
  );
  await loseWorkflow(stack, tenant, id, '2 minutes');
  await user.becomes(id, { 0: 'unknown no_answer' });
  return { id, messageId: message.id as string, mail };
}

/** Meta's word that it could not be delivered, taken in. */
async function undelivered(messageId: string): Promise<void> {
  const meta = await businessOf(stack, tenant);
  const failed = {
    id: `wamid.${messageId}`,
    status: 'failed',
    timestamp: seconds(),
    biz_opaque_callback_data: messageId,
    errors: [{ code: 131_026 }],
  };
  await meta.tell(meta.envelope({ statuses: [failed] }));
  await user.reaches(messageId, 'failed');
}

const words = [
  ['taken', 'take', 'sent', 'sent'],
  ['refused', 'refuse', 'failed', 'failed undelivered'],
  ['in doubt for ever', 'hangUp', 'unknown', 'unknown no_answer'],
] as const;

test.each(words)(
  'a reminder that was not delivered by WhatsApp is not known to have failed before its mail is %s',
  async (_word, say, mailState, state) => {
    const { id, messageId, mail } = await undriven();
    await undelivered(messageId);
    await user.becomes(id, { 0: 'unknown no_answer' });
    mail[say]();
    await user.mailReaches(id, mailState);
    await user.becomes(id, { 0: state });
  },
);

test('one that has failed by mail already has failed once it was not delivered by WhatsApp', async () => {
  const { id, messageId, mail } = await undriven();
  mail.refuse();
  await user.mailReaches(id, 'failed');
  expect(await user.becomes(id, { 0: 'unknown no_answer' })).toBeDefined();
  await undelivered(messageId);
  await user.becomes(id, { 0: 'failed undelivered' });
});

test('one whose mail has left was sent, whoever waits for word of the other', async () => {
  const { id, messageId, mail } = await undriven();
  mail.take();
  await user.becomes(id, { 0: 'sent' });
  await undelivered(messageId);
  await user.becomes(id, { 0: 'sent' });
});
