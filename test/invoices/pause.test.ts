import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from './biller.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;
let contact: string;
let phone: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
  ({ id: contact, phone } = await user.customer());
});

const channel = async (verb: 'pause' | 'resume') =>
  tenant.call('POST', `/api/v1/channels/${await user.channelId()}/${verb}`, verb === 'pause' ? { reason: 'x' } : {});

/** An invoice whose reminder waits in the ledger, since the number is paused. */
async function waiting(more: object = {}): Promise<string> {
  const { id } = await user.invoice(contact, { reminders: [reminder(0, more)] });
  await channel('pause');
  await user.control(id, 'run-now');
  await user.shows(id, 'channel_paused');
  return id;
}

test('a message that waits is not claimed while its flow is paused, and leaves once it is resumed', async () => {
  const id = await waiting();
  await user.control(id, 'pause');
  await channel('resume');
  await user.shows(id, 'paused');
  // Whoever asks for it now, a sender that was on its way say, is told to wait.
  const [message] = await stack.database.sql<{ status: string; attempts: number }>(
    'select status, attempts from app.messages where flow_id = $1',
    [id],
  );
  expect(message).toEqual({ status: 'queued', attempts: 0 });
  await user.control(id, 'resume');
  await user.becomes(id, { 0: 'sent' });
  expect(await user.texts(phone)).toHaveLength(1);
});

test('what waits can be skipped, and says in the timeline what it waits for', async () => {
  const id = await waiting();
  const [item] = await user.future(id);
  expect(item.shifts.at(-1)).toMatchObject({ reason: 'channel_paused' });
  for (let n = 0; n < 2; n++) expect((await user.control(id, 'skip', { item: item.id })).status).toBe(200);
  expect(await user.becomes(id, { 0: 'skipped skipped' })).toBeDefined();
  await channel('resume');
  expect(await user.outcome(id)).toBe('not_reminded');
  expect(await user.texts(phone)).toEqual([]);
});

test('a pause holds for what is added when nothing was pending any more, until it is resumed', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  await user.control(id, 'pause');
  await user.control(id, 'skip');
  expect(await user.flow(id)).toMatchObject({ status: 'completed', stage: 'ended', outcome: 'not_reminded' });
  const soon = new Date(Date.now() - 60_000).toISOString();
  await user.patch(id, { due_date: soon });
  await user.post(`/${id}/reminders`, reminder(0));
  expect(await user.flow(id)).toMatchObject({ status: 'running', stage: 'paused', next_action_at: null });
  await user.shows(id, 'paused');
  expect(await user.texts(phone)).toEqual([]);
  await user.control(id, 'resume');
  await user.sent(id, 1);
});

test('a flow that ended in a pause can be resumed, and what is added then leaves', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  await user.control(id, 'pause');
  await user.control(id, 'skip');
  expect((await user.control(id, 'resume')).body).toMatchObject({ stage: 'ended', paused_at: null });
  expect((await user.control(id, 'resume')).body.code).toBe('flow_ended');
  await user.post(`/${id}/reminders`, reminder(0));
  expect(await user.flow(id)).toMatchObject({ status: 'running', stage: 'waiting' });
});

test('why a flow was paused that ended in the pause is gone once its contact is erased', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  await user.control(id, 'pause');
  await user.control(id, 'skip');
  expect((await user.flow(id)).pause_reason).toBe('the customer called');
  await tenant.call('POST', `/api/v1/contacts/${contact}/erase`);
  expect((await user.flow(id)).pause_reason).toBeNull();
});

test('what waits says what is owed when it leaves, also after a part was paid', async () => {
  const id = await waiting();
  await user.pay(id, '50.00');
  await channel('resume');
  await user.becomes(id, { 0: 'sent' });
  expect(await user.texts(phone)).toEqual([expect.stringContaining('$49.99')]);
});

test('a pause while the provider is being called lets that call end, and nothing else leaves', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(3), reminder(0)] });
  await stack.sandbox('POST', '/faults', { kind: 'accept_then_timeout', to: phone, count: 1 });
  await user.control(id, 'run-now');
  await until(
    () => stack.database.sql(`select from app.messages where flow_id = $1 and status = 'sending'`, [id]),
    (rows) => rows.length === 1,
  );
  expect((await user.control(id, 'pause')).body).toMatchObject({ stage: 'paused' });
  await user.becomes(id, { 3: 'sent', 0: 'scheduled' });
  expect((await user.flow(id)).stage).toBe('paused');
});

test('run-now said twice sends one reminder, not two', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(3), reminder(0), reminder(-7)] });
  await user.control(id, 'run-now');
  await user.becomes(id, { 3: 'sent' });
  expect((await user.control(id, 'run-now')).status).toBe(200);
  expect(await user.future(id)).toHaveLength(2);
});

const days = { 3: -20, 0: -3, '-7': -1 };
test.each<[string, Record<number, string>]>([
  ['drop', { 3: 'missed too_late', 0: 'sent', '-7': 'sent' }],
  ['send_once', { 3: 'missed superseded', 0: 'missed superseded', '-7': 'sent' }],
  ['shift', { 3: 'sent', 0: 'sent', '-7': 'sent' }],
])('resumed with the instants kept, %s decides about those that have passed', async (catch_up, become) => {
  const reminders = Object.keys(days).map((n) => reminder(Number(n), { catch_up }));
  const { id } = await user.invoice(contact, { reminders });
  await user.control(id, 'pause');
  await user.moveTo(id, days);
  await user.control(id, 'resume', { mode: 'keep' });
  expect(await user.becomes(id, become)).toEqual(become);
  expect(await user.texts(phone)).toHaveLength(Object.values(become).filter((state) => state === 'sent').length);
});

test.each(['drop', 'send_once', 'shift'])(
  'resumed with the instants shifted, nothing has been missed (%s)',
  async (catch_up) => {
    const { id } = await user.invoice(contact, { reminders: [reminder(3, { catch_up }), reminder(0, { catch_up })] });
    await user.control(id, 'pause');
    // It was paused for a day; both instants have passed meanwhile.
    await user.moveTo(id, { 3: -23, 0: -20 });
    await stack.database.sql(`update app.flows set paused_at = paused_at - interval '24 hours' where id = $1`, [id]);
    await user.control(id, 'resume', { mode: 'shift' });
    const left = (await user.future(id)).map(({ at }) => Math.round((Date.parse(at) - Date.now()) / 3_600_000));
    expect(left).toEqual([1, 4]);
    expect(await user.texts(phone)).toEqual([]);
  },
);
