import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hold, stuck } from '../harness/hold.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { comesDue, later } from './due.ts';

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

/** Stops the sender after it has read what decides, and before it has written down that the message waits. */
async function caughtInTheAct(id: string) {
  const held = await hold(stack, 'select from app.flows where id = $1 for no key update', [id]);
  await comesDue(stack, tenant, id);
  await until(
    () => stuck(stack),
    (count) => count === 1,
    { everyMs: 5 },
  );
  return held;
}

test('a channel that is resumed while a sender finds it paused keeps no message waiting', async () => {
  await user.writes(phone);
  const id = await user.planned({ to: phone, text: 'Hello', send_at: later() });
  await user.reaches(id, 'scheduled');
  const channel = `/api/v1/channels/${await user.channelId()}`;
  await tenant.call('POST', `${channel}/pause`, { reason: 'maintenance' });
  const held = await caughtInTheAct(id);
  let resumed = false;
  const resume = tenant.call('POST', `${channel}/resume`).finally(() => (resumed = true));
  await until(
    async () => resumed || (await stuck(stack)) === 2,
    (either) => either,
    { everyMs: 5 },
  );
  await held.release();
  expect((await resume).body.status).toBe('active');
  await user.reaches(id, 'read');
});

test('a template that is approved while a sender finds it paused keeps no message waiting', async () => {
  const text = 'Hello {first_name|there}, your table for two is ready.';
  const made = await tenant.call('POST', '/api/v1/templates', {
    name: 'table',
    language: 'en',
    category: 'utility',
    text,
  });
  const [{ waba_id } = { waba_id: '' }] = await stack.database.sql<{ waba_id: string }>(
    'select waba_id from app.channels where tenant_id = $1',
    [tenant.id],
  );
  const rule = (status: string, reason?: string) =>
    stack.sandbox('PUT', `/templates/${waba_id}/table`, { status, ...(reason && { reason }) });
  const isIn = async (status: string) =>
    (await tenant.call('GET', `/api/v1/templates/${made.body.id}`)).body.status === status;
  const id = await user.planned({ to: phone, template: { name: 'table' }, send_at: later() });
  await user.reaches(id, 'scheduled');
  await rule('PAUSED');
  await until(
    () => isIn('paused'),
    (paused) => paused,
  );
  const held = await caughtInTheAct(id);
  await rule('APPROVED', 'REINSTATED');
  await until(
    async () => (await isIn('approved')) || (await stuck(stack)) === 2,
    (either) => either,
    { everyMs: 5 },
  );
  await held.release();
  await user.reaches(id, 'read');
});

test('a message whose contact is deleted ends at once, and says why', async () => {
  const contact = await user.contact(phone);
  await user.writes(phone);
  const id = await user.planned({ contact_id: contact, text: 'Never', send_at: later() });
  await user.reaches(id, 'scheduled');
  await tenant.call('DELETE', `/api/v1/contacts/${contact}`);
  expect(await user.outcome(id)).toBe('cancelled');
  expect(await user.get(id)).toMatchObject({ status: 'cancelled', reason: 'contact_deleted', held_until: null });
  expect(await user.flow(id)).toMatchObject({ status: 'cancelled', outcome: 'cancelled', next_action: null });
});

test('a message whose channel is deleted ends at once, and says why', async () => {
  await user.writes(phone);
  const id = await user.planned({ to: phone, text: 'Never', send_at: later() });
  await user.reaches(id, 'scheduled');
  const channel = await user.channelId();
  expect((await tenant.call('DELETE', `/api/v1/channels/${channel}`)).status).toBe(204);
  expect(await user.outcome(id)).toBe('cancelled');
  expect(await user.get(id)).toMatchObject({ status: 'cancelled', reason: 'channel_deleted' });
});
