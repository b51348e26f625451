import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createPerson } from '../api/people.ts';
import { anyAddress, mailer } from '../email/mailer.ts';
import { startSlowMailServer } from '../email/slow-mail-server.ts';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { businessOf, seconds } from '../webhooks/signed.ts';
import { reminder } from './biller.ts';
import { loseWorkflow, terminate } from './lose-workflow.ts';

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

const ended = (id: string) =>
  until(
    () => stack.database.sql<{ status: string }>('select status from app.flows where id = $1', [id]),
    ([flow]) => flow?.status === 'cancelled',
  );

/** What leaves a flow without anybody who drives it. */
const endings = {
  flow_cancelled: (id: string): Promise<void> => loseWorkflow(stack, tenant, id, '2 minutes'),
  tenant_deleted: async (id: string): Promise<void> => {
    const owner = await createPerson(stack, { [tenant.id]: 'owner' });
    expect((await owner.call('DELETE', `/api/v1/tenants/${tenant.id}`)).status).toBe(204);
    await ended(id);
  },
  erased: async (id: string): Promise<void> => {
    const { contact_id: contact } = await user.seen(id);
    expect((await tenant.call('POST', `/api/v1/contacts/${contact}/erase`)).status).toBe(200);
  },
};
const each = Object.entries(endings) as [keyof typeof endings, (id: string) => Promise<void>][];

const reminders = (id: string) =>
  stack.database.sql('select status, reason from app.reminders where invoice_id = $1 order by days_before_due desc', [
    id,
  ]);
const reach = (id: string, ...wanted: object[]) =>
  until(
    () => reminders(id),
    (rows) => JSON.stringify(rows) === JSON.stringify(wanted),
  );
const alerts = () =>
  stack.database.sql<Json>('select kind, subject, occurrences from app.alerts where tenant_id = $1', [tenant.id]);

/** An invoice whose one reminder that is due is with the mail server, and no word of it yet. */
async function atMailServer() {
  await user.wantsMail();
  const { body: contact } = await tenant.call('POST', '/api/v1/contacts', { first_name: 'Ada', email: anyAddress() });
  const mail = mails.keepNext();
  const { id } = await user.invoice(contact.id, { reminders: [reminder(7), reminder(-7)] });
  await user.control(id, 'run-now');
  await mail.came;
  return { id, mail };
}

test.each(each)(
  'a reminder that was at the provider when its flow lost its driver (%s) is unknown, and cancelled when it comes back',
  async (reason, end) => {
    const { id, mail } = await atMailServer();
    const before = mails.asked();
    await end(id);
    expect(await reminders(id)).toEqual([
      { status: 'unknown', reason: null },
      { status: 'cancelled', reason },
    ]);
    mail.putOff();
    await reach(id, { status: 'cancelled', reason }, { status: 'cancelled', reason });
    expect(await user.ledgerOf(id)).toMatchObject([{ status: 'cancelled', reason, attempts: 1, held_until: null }]);
    expect(await alerts()).toEqual([]);
    expect(mails.asked()).toBe(before);
  },
);

test.each(each)('one that was taken after that (%s) is sent', async (reason, end) => {
  const { id, mail } = await atMailServer();
  await end(id);
  mail.take();
  await reach(id, { status: 'sent', reason: null }, { status: 'cancelled', reason });
  expect(await user.ledgerOf(id)).toMatchObject([{ status: 'sent' }]);
});

test('of one of which nobody knows afterwards a person is told', async () => {
  const { id, mail } = await atMailServer();
  await endings.flow_cancelled(id);
  expect(await alerts()).toEqual([]);
  mail.hangUp();
  const [alert] = await until(alerts, (rows) => rows.length > 0);
  expect(alert).toEqual({ kind: 'message_unknown', subject: await user.mailChannelId(), occurrences: 1 });
  expect(await reminders(id)).toMatchObject([{ status: 'unknown' }, { status: 'cancelled' }]);
});

/** What is to end a flow, and why the reminder of it that was still planned does not leave then. */
const stops = [
  { word: 'cancelled', stop: (id: string) => user.control(id, 'cancel'), reason: 'cancelled' },
  // No refund brings it back.
  { word: 'paid', stop: (id: string) => user.pay(id), reason: 'flow_cancelled' },
  { word: 'void', stop: (id: string) => user.post(`/${id}/void`), reason: 'void' },
];

test.each(stops)(
  'a flow that was to end as $word, and lost its driver while its last reminder was at the provider, is found and ended',
  async ({ stop, reason }) => {
    const { id, mail } = await atMailServer();
    expect((await stop(id)).status).toBe(200);
    await endings.flow_cancelled(id);
    expect(await reminders(id)).toEqual([
      { status: 'unknown', reason: null },
      { status: 'cancelled', reason },
    ]);
    mail.take();
    await reach(id, { status: 'sent', reason: null }, { status: 'cancelled', reason });
  },
);

test('a cancel that is said again to one that lost its driver ends it, and stands in the audit once', async () => {
  const { id, mail } = await atMailServer();
  await user.control(id, 'cancel');
  await terminate(stack, tenant, id);
  mail.putOff();
  await user.mailReaches(id, 'cancelled');
  expect(await user.control(id, 'cancel')).toMatchObject({ status: 200, body: { status: 'running' } });
  await ended(id);
  const reason = 'cancelled';
  expect(await reminders(id)).toEqual([
    { status: 'cancelled', reason },
    { status: 'cancelled', reason },
  ]);
  expect(await user.flow(id)).toMatchObject({ outcome: 'cancelled' });
  const { past } = await user.timeline(id);
  expect(past.filter(({ what }: Json) => what === 'flow.cancel')).toHaveLength(1);
});

test('one that came back stays cancelled, whatever becomes of the invoice of a tenant that is restored', async () => {
  const { id, mail } = await atMailServer();
  await endings.tenant_deleted(id);
  mail.putOff();
  const reason = 'tenant_deleted';
  await reach(id, { status: 'cancelled', reason }, { status: 'cancelled', reason });
  expect((await stack.tenants.asAdmin('POST', `/api/v1/tenants/${tenant.id}/restore`)).status).toBe(200);
  const { key } = await stack.tenants.makeKey(tenant.id);
  const changed = await stack.call('PATCH', `/api/v1/invoices/${id}`, { due_date: '2031-04-10' }, { 'x-api-key': key });
  expect(changed.status).toBe(200);
  expect(await reminders(id)).toEqual([
    { status: 'cancelled', reason },
    { status: 'cancelled', reason },
  ]);
});

/** An invoice whose one reminder that is due is in doubt: the provider took it, and said nothing. */
async function inDoubt() {
  const { id: contact, phone } = await user.customer();
  for (const kind of ['accept_then_reset', 'no_status'])
    await stack.sandbox('POST', '/faults', { kind, to: phone, count: 1 });
  const { id } = await user.invoice(contact, { reminders: [reminder(7), reminder(-7)] });
  await user.control(id, 'run-now');
  const [message] = await until(
    () => stack.database.sql<Json>('select id, status, channel_id from app.messages where flow_id = $1', [id]),
    ([row]) => row?.status === 'unknown',
  );
  return { id, message, phone };
}

test.each(each)(
  'of one that was in doubt then (%s) a person is told, and what the provider says late still counts',
  async (reason, end) => {
    const { id, message } = await inDoubt();
    await end(id);
    await reach(id, { status: 'unknown', reason: 'no_answer' }, { status: 'cancelled', reason });
    expect(await alerts()).toEqual([{ kind: 'message_unknown', subject: message.channel_id, occurrences: 1 }]);
    if (reason === 'tenant_deleted') await stack.tenants.asAdmin('POST', `/api/v1/tenants/${tenant.id}/restore`);
    const meta = await businessOf(stack, tenant);
    const told = {
      id: `wamid.${message.id}`,
      status: 'delivered',
      timestamp: seconds(),
      biz_opaque_callback_data: message.id,
    };
    await meta.tell(meta.envelope({ statuses: [told] }));
    await reach(id, { status: 'sent', reason: null }, { status: 'cancelled', reason });
  },
);

const lateWords = {
  taken: { say: 'take', mail: { status: 'sent', reason: null } },
  refused: { say: 'refuse', mail: { status: 'failed', reason: 'refused', error_code: 550 } },
  // Nobody would try it again.
  'put off': { say: 'putOff', mail: { status: 'failed', reason: 'not_sent', error_code: 451, held_until: null } },
} as const;

test.each(Object.entries(lateWords))(
  'a reminder in doubt that its flow waits for no more is what is heard of it at last: %s',
  async (_word, { say, mail: state }) => {
    const { id, mail } = await atMailServer();
    const { workflow } = await stack.temporalClient();
    await workflow.getHandle(`invoice/${tenant.id}/${id}`).terminate('so that nobody but the sender writes');
    // As if the sender had been taken for dead, and the flow had gone on.
    await stack.database.sql(
      `with doubt as (
         update app.messages set status = 'unknown', reason = 'sender_died', lease_until = null,
           settle_at = clock_timestamp() where flow_id = $1
       )
       update app.reminders set status = 'unknown', reason = 'sender_died', ended_at = clock_timestamp()
       where invoice_id = $1 and status = 'sending'`,
      [id],
    );
    mail[say]();
    await reach(id, { status: state.status, reason: state.reason }, { status: 'scheduled', reason: null });
    expect(await user.ledgerOf(id)).toMatchObject([{ ...state, attempts: 1 }]);
  },
);
