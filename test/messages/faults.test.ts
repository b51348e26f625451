import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { reconcile } from '../flows/reconcile.ts';
import { fetchHistory } from '../harness/history.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;
let phone: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  await stack.startWorker();
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
});
afterAll(() => stack.close());
beforeEach(async () => {
  phone = anyPhone();
  await user.writes(phone);
});

const fault = (kind: string, more: object = {}) =>
  stack.sandbox('POST', '/faults', { kind, to: phone, count: 1, ...more });
const attempts = (id: string) =>
  stack.database.sql<{ outcome: string; code: number | null }>(
    'select outcome, code from app.message_attempts where message_id = $1 order by n, ended_at',
    [id],
  );

test.each([
  ['http_429', 130429],
  ['http_500', 131000],
])('a message that the provider puts off (%s) is sent later, once, and each try is on record', async (kind, code) => {
  await fault(kind);
  const id = await user.planned({ to: phone, text: 'Hello' });
  expect(await user.reaches(id, 'read')).toMatchObject({ attempts: 2 });
  expect(await attempts(id)).toEqual([
    { outcome: 'refused', code },
    { outcome: 'accepted', code: null },
  ]);
  expect(await user.accepted(id)).toHaveLength(1);
});

test('a message that the provider refuses for good ends as failed after one call, with the code in words', async () => {
  await fault('refused', { code: 131026 });
  const id = await user.planned({ to: phone, text: 'Hello' });
  expect(await user.outcome(id)).toBe('failed');
  expect(await user.get(id)).toMatchObject({ status: 'failed', reason: 'refused', error_code: 131026, attempts: 1 });
  expect(await user.flow(id)).toMatchObject({ status: 'failed', outcome: 'failed' });
});

test('a call without an answer is settled by the webhook that carries our id, and nothing is sent again', async () => {
  await fault('accept_then_timeout');
  const id = await user.planned({ to: phone, text: 'Hello' });
  await user.reaches(id, 'read');
  expect(await user.outcome(id)).toBe('sent');
  expect(await user.accepted(id)).toHaveLength(1);
});

test('a call without an answer, of which nothing is heard, stays unknown, is not sent again, and a person is told', async () => {
  await fault('accept_then_reset');
  await fault('no_status');
  const id = await user.planned({ to: phone, text: 'Hello' });
  expect(await user.outcome(id)).toBe('unknown');
  expect(await user.get(id)).toMatchObject({ status: 'unknown', reason: 'no_answer', attempts: 1 });
  expect(await user.accepted(id)).toHaveLength(1);
  const open = (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data;
  expect(open).toMatchObject([{ kind: 'message_unknown', channel_id: await user.channelId() }]);

  // Late words settle it after all, and the alert has nothing left to be about.
  await stack.database.sql(`update app.messages set status = 'read' where id = $1`, [id]);
  await reconcile(stack);
  expect((await tenant.call('GET', '/api/v1/alerts?open=true')).body.data).toEqual([]);
});

test('a paused channel holds its messages, and they leave once, at once, when it is resumed', async () => {
  const channel = `/api/v1/channels/${await user.channelId()}`;
  await tenant.call('POST', `${channel}/pause`, { reason: 'maintenance' });
  const id = await user.planned({ to: phone, text: 'Hello' });
  expect(await user.reaches(id, 'channel_paused')).toMatchObject({ status: 'queued', attempts: 0 });
  await tenant.call('POST', `${channel}/resume`);
  expect(await user.outcome(id)).toBe('sent');
  expect(await user.accepted(id)).toHaveLength(1);
});

test('a message costs its workflow two tasks and one activity', async () => {
  const id = await user.planned({ to: phone, text: 'Hello' });
  await user.outcome(id);
  const { count } = await fetchHistory(await stack.temporalClient(), `message/${tenant.id}/${id}`);
  expect([count('WORKFLOW_TASK_STARTED'), count('ACTIVITY_TASK_SCHEDULED')]).toEqual([2, 1]);
});
