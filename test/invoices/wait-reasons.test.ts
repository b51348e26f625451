import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { businessOf, seconds } from '../webhooks/signed.ts';
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

/** The flow, its timeline and its workflow all come to say that the flow waits for this. Whoever looks again says it anew. */
async function says(id: string, stage: string): Promise<{ flow: Json; next: Json }> {
  await user.shows(id, stage);
  const [flow, { future }] = await until(
    async () => [await user.flow(id), await user.timeline(id)] as Json[],
    (seen) => seen[0].stage === stage && seen[1].current.stage === stage,
  );
  return { flow, next: future[0] };
}

test('a flow whose reminder waits for its number says so, and when it is tried again', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  await tenant.call('POST', `/api/v1/channels/${await user.channelId()}/pause`, { reason: 'x' });
  await user.control(id, 'run-now');
  const { flow, next } = await says(id, 'channel_paused');
  expect(flow).toMatchObject({ next_action: 'send', next_action_at: next.at });
  expect(next.shifts.at(-1)).toMatchObject({ reason: 'channel_paused', to: next.at });
});

test('a flow whose reminder would be one too many says so, and when it is not any more', async () => {
  await user.settings({ frequency_caps: { reminders: { max: 1, per_hours: 24 } } });
  const { id } = await user.invoice(contact, { reminders: [reminder(1), reminder(0)] });
  await user.control(id, 'run-now');
  await user.becomes(id, { 1: 'sent' });
  const [second] = await user.future(id);
  await user.control(id, 'run-now', { item: second.id });
  const { flow, next } = await says(id, 'frequency_cap');
  expect(flow).toMatchObject({ next_action: 'send', next_action_at: next.at });
  expect(next.shifts.at(-1)).toMatchObject({ reason: 'frequency_cap', to: next.at });
});

/** An invoice whose only reminder nobody knows the end of, and the id of its message. */
async function unknown(): Promise<{ id: string; message: string }> {
  for (const kind of ['accept_then_reset', 'no_status'])
    await stack.sandbox('POST', '/faults', { kind, to: phone, count: 1 });
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  await user.control(id, 'run-now');
  const { flow } = await says(id, 'unknown_outcome');
  expect(flow).toMatchObject({ next_action: 'settle', next_action_at: expect.any(String) });
  await user.becomes(id, { 0: 'unknown no_answer' });
  expect(await user.outcome(id)).toBe('reminded');
  const [row] = await stack.database.sql<{ id: string }>('select id from app.messages where flow_id = $1', [id]);
  return { id, message: row?.id ?? '' };
}

test.each([
  ['delivered', {}, 'sent'],
  ['failed', { errors: [{ code: 131026, title: 'Message undeliverable' }] }, 'failed undelivered'],
])('a status %s that comes when the flow has ended settles its reminder', async (status, more, becomes) => {
  const { id, message } = await unknown();
  const business = await businessOf(stack, tenant);
  const told = { id: 'wamid.late', status, timestamp: seconds(Date.now()), biz_opaque_callback_data: message, ...more };
  await business.tell(business.envelope({ statuses: [told] }));
  await business.applied();
  expect(await user.becomes(id, { 0: becomes })).toEqual({ 0: becomes });
  expect((await user.flow(id)).status).toBe('completed');
});
