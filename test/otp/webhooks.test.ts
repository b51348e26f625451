import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { businessOf, seconds, sign, type Business } from '../webhooks/signed.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;
let business: Business;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
  business = await businessOf(stack, tenant);
});
afterAll(() => stack.close());

const fault = (kind: string, to: string) => stack.sandbox('POST', '/faults', { kind, to, count: 1 });

/** An envelope as Meta writes it, about one message. */
const envelope = (messageId: string, statuses: string[]): string =>
  business.envelope({
    statuses: statuses.map((status) => ({
      id: 'wamid.dGVzdA==',
      status,
      timestamp: seconds(),
      recipient_id: '4915',
      biz_opaque_callback_data: messageId,
      ...(status === 'failed' && { errors: [{ code: 131026, title: 'Message undeliverable' }] }),
    })),
  });

/** Told, and applied. */
async function tell(messageId: string, statuses: string[]): Promise<void> {
  await business.tell(envelope(messageId, statuses));
  await business.applied();
}

/** A message that the provider has taken and will say nothing of by itself. */
async function silentMessage(): Promise<{ otpId: string; messageId: string }> {
  const phone = anyPhone();
  await fault('no_status', phone);
  const { id: otpId } = await user.delivered(phone);
  const [message] = await until(
    () => user.messages(otpId),
    ([row]) => row?.status === 'sent',
  );
  return { otpId, messageId: message.id };
}

const noted = async (messageId: string) =>
  (
    await stack.database.sql<{ status: string }>(
      'select status from app.message_statuses where message_id = $1 order by received_at, id',
      [messageId],
    )
  ).map(({ status }) => status);
const statusOf = async (otpId: string): Promise<string> => (await user.messages(otpId))[0].status;

test('the same signed webhook ten times, also at once, changes rows once', async () => {
  const { otpId, messageId } = await silentMessage();
  const body = envelope(messageId, ['delivered']);
  for (let n = 0; n < 5; n += 1) await business.tell(body);
  await business.applied();
  const [after] = await user.messages(otpId);
  await Promise.all(Array.from({ length: 5 }, () => business.tell(body)));
  await business.applied();
  expect(await user.messages(otpId)).toEqual([after]);
  expect(await noted(messageId)).toEqual(['delivered']);
});

test.each([
  ['sent after read', ['read', 'sent', 'delivered'], 'read'],
  ['read without delivered', ['sent', 'read'], 'read'],
  ['failed after delivered', ['sent', 'delivered', 'failed'], 'delivered'],
  ['failed before sent', ['failed', 'sent'], 'failed'],
])('a message only moves forward: %s', async (_name, statuses, end) => {
  const alone = await silentMessage();
  for (const status of statuses) await tell(alone.messageId, [status]);
  const together = await silentMessage();
  await tell(together.messageId, statuses);
  for (const { otpId, messageId } of [alone, together]) {
    expect(await statusOf(otpId)).toBe(end);
    expect((await noted(messageId)).toSorted()).toEqual(statuses.toSorted());
  }
});

test.each(['duplicate_status', 'reorder_status'])('a provider that does %s ends in the same rows', async (kind) => {
  const phone = anyPhone();
  await fault(kind, phone);
  const { id } = await user.delivered(phone);
  const [message] = await until(
    () => user.messages(id),
    ([row]) => row?.status === 'read',
  );
  expect(
    await until(
      async () => new Set(await noted(message.id)),
      ({ size }) => size >= 3,
    ),
  ).toEqual(new Set(['sent', 'delivered', 'read']));
});

test('a webhook that is not signed by its own channel is refused and leaves no trace', async () => {
  const { messageId } = await silentMessage();
  const other = await businessOf(stack, await stack.tenants.make());
  const { appSecret } = business.channel;
  const body = envelope(messageId, ['read']);
  const before = await everyRow();
  const to = (channelId: string, signature: string) =>
    stack.call('POST', `/webhooks/whatsapp/${channelId}`, body, { 'x-hub-signature-256': signature });
  const answers = [
    await business.post(body, ''),
    await business.post(body, sign(body, 'wrong')),
    await business.post(body, sign(body, other.channel.appSecret)),
    await business.post(body, sign(`${body} `, appSecret)),
    await business.post(body, 'sha256=00'),
    await to('0190a0b0-0000-7000-8000-000000000000', sign(body, appSecret)),
    await to('no-channel', sign(body, appSecret)),
    await to(other.channel.channelId, sign(body, appSecret)),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
  expect(new Set(answers.map(({ body: problem }) => problem.code))).toEqual(new Set(['unauthenticated']));
  expect(await everyRow()).toEqual(before);
});

test("one tenant's signed webhook moves no message of another", async () => {
  const { otpId, messageId } = await silentMessage();
  const other = await businessOf(stack, await stack.tenants.make());
  await other.tell(envelope(messageId, ['read']));
  await other.applied();
  expect(await statusOf(otpId)).toBe('sent');
  expect(await noted(messageId)).toEqual([]);
});

/** Every row of the schema, table by table. */
async function everyRow(): Promise<Record<string, unknown>> {
  const tables = await stack.database.sql<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'app'::regnamespace and relkind = 'r'`,
  );
  const seen: Record<string, unknown> = {};
  for (const { name } of tables) {
    seen[name] = (await stack.database.sql(`select t::text as row from app.${name} t order by 1`)).map(
      ({ row }) => row,
    );
  }
  return seen;
}
