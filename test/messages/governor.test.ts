import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;
let phone: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
  phone = anyPhone();
});

/** Quiet hours that are now, wherever the contact is: from a minute ago on, for an hour. */
function quietNow(now: Date) {
  const time = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString().slice(11, 16);
  return { start: time(-1), end: time(60), topics: ['transactional'] };
}

test('a message in quiet hours waits for their end, says so in its row, its flow and its timeline, and makes no call', async () => {
  await user.settings({ quiet_hours: quietNow(new Date()) });
  const contact = await user.contact(phone, { timezone: 'UTC' });
  await user.writes(phone);
  const id = await user.planned({ contact_id: contact, text: 'Later' });
  const held = await user.reaches(id, 'quiet_hours_until');
  expect(held).toMatchObject({ status: 'queued', attempts: 0 });
  const waitMs = Date.parse(held.held_until) - Date.now();
  expect(waitMs).toBeGreaterThan(58 * 60_000);
  expect(waitMs).toBeLessThanOrEqual(60 * 60_000);
  expect(await user.flow(id)).toMatchObject({ stage: 'quiet_hours_until', next_action_at: held.held_until });
  expect((await user.timeline(id)).future).toMatchObject([
    { at: held.held_until, what: 'send', reason: 'quiet_hours_until' },
  ]);
  expect(await user.accepted(id)).toEqual([]);
});

test('a message that waits leaves when what it waits for is lifted and its time comes', async () => {
  await user.writes(phone);
  const id = await user.planned({ to: phone, text: 'Soon', send_at: new Date(Date.now() + 3_000).toISOString() });
  await user.reaches(id, 'scheduled');
  expect(await user.outcome(id)).toBe('sent');
  const [accepted] = await user.accepted(id);
  expect(Date.parse(accepted?.at ?? '')).toBeGreaterThanOrEqual(Date.parse((await user.get(id)).planned_at));
});

test('of messages that race for the last place under a cap exactly one leaves, and the others wait for the next', async () => {
  await user.settings({ frequency_caps: { transactional: { max: 1, per_hours: 1 } } });
  const contact = await user.contact(phone);
  await user.writes(phone);
  const ids = await Promise.all(
    Array.from({ length: 8 }, (_, i) => user.planned({ contact_id: contact, text: `Number ${i}` })),
  );
  const seen = await until(
    () => Promise.all(ids.map((id) => user.get(id))),
    (all) => all.every(({ status, reason }) => status === 'read' || reason === 'frequency_cap'),
  );
  expect(seen.filter(({ status }) => status === 'read')).toHaveLength(1);
  expect((await stack.ledger()).filter(({ to }) => to === phone)).toHaveLength(1);
});

test('a no between the plan and the send is heeded: the message ends, explained, without a call', async () => {
  const contact = await user.contact(phone);
  await user.writes(phone);
  const id = await user.planned({
    contact_id: contact,
    text: 'Hello',
    send_at: new Date(Date.now() + 2_000).toISOString(),
  });
  await tenant.call('PATCH', `/api/v1/contacts/${contact}`, { opt_in: { transactional: false } });
  expect(await user.outcome(id)).toBe('cancelled');
  expect(await user.get(id)).toMatchObject({ status: 'cancelled', reason: 'opted_out', attempts: 0 });
  expect(await user.accepted(id)).toEqual([]);
});

test('a message whose time is over before it can leave ends as expired, and says for what it would have waited', async () => {
  await user.settings({ quiet_hours: quietNow(new Date()) });
  const contact = await user.contact(phone, { timezone: 'UTC' });
  await user.writes(phone);
  const latest_useful_at = new Date(Date.now() + 60_000).toISOString();
  const id = await user.planned({ contact_id: contact, text: 'Now or never', latest_useful_at });
  expect(await user.outcome(id)).toBe('expired');
  expect(await user.get(id)).toMatchObject({ status: 'expired', reason: 'quiet_hours_until', attempts: 0 });
});

test('a cancelled message does not leave, and its workflow ends at once', async () => {
  await user.writes(phone);
  const id = await user.planned({ to: phone, text: 'Never', send_at: new Date(Date.now() + 3_600_000).toISOString() });
  await user.reaches(id, 'scheduled');
  expect((await tenant.call('POST', `/api/v1/messages/${id}/cancel`)).body).toMatchObject({ status: 'cancelled' });
  expect(await user.outcome(id)).toBe('cancelled');
  expect(await user.flow(id)).toMatchObject({ status: 'cancelled', outcome: 'cancelled', next_action: null });
  expect((await tenant.call('POST', `/api/v1/messages/${id}/cancel`)).body).toMatchObject({ code: 'conflict' });
});

test('a burst to one phone keeps to the pace that Meta allows, and nothing of it is lost', async () => {
  await user.writes(phone);
  const ids = await Promise.all(Array.from({ length: 50 }, (_, i) => user.planned({ to: phone, text: `Number ${i}` })));
  const seen = await until(
    () => Promise.all(ids.map((id) => user.get(id))),
    (all) => all.every(({ status, reason }) => status === 'read' || reason === 'recipient_pace' || status === 'queued'),
    { withinMs: 40_000, everyMs: 500 },
  );
  const sent = seen.filter(({ status }) => status === 'read').length;
  expect(sent).toBeLessThanOrEqual(47);
  expect(seen.every(({ error_code }) => error_code === null)).toBe(true);
});

test('no personal data stands in the workflow of a message', async () => {
  const contact = await user.contact(phone, { first_name: 'Canarina' });
  await user.writes(phone);
  const id = await user.planned({ contact_id: contact, text: 'Dear {first_name}, your sofa has come' });
  await user.outcome(id);
  const { workflow } = await stack.temporalClient();
  const history = JSON.stringify(await workflow.getHandle(`message/${tenant.id}/${id}`).fetchHistory());
  const decoded = history.replaceAll(/"data":"([^"]+)"/g, (_all, data: string) =>
    Buffer.from(data, 'base64').toString(),
  );
  for (const secret of [phone.slice(1), 'Canarina', 'sofa', (await user.accepted(id))[0]?.wamid ?? '-'])
    expect(decoded).not.toContain(secret);
});
