import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hold, stuck, type Hold } from '../harness/hold.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import type { TestProcess } from '../harness/process.ts';
import { until } from '../harness/until.ts';
import { comesDue, later } from './due.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;
let worker: TestProcess;
let phone: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());
afterEach(() => worker.kill());
beforeEach(async () => {
  worker = await stack.startWorker();
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
  phone = anyPhone();
});

const refuses = (code: number) => stack.sandbox('POST', '/faults', { kind: 'refused', to: phone, count: 1, code });
const openAlerts = async () => (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data;

/** Kills the sender where it stands still, and lets another one take over. */
async function killThere(held: Hold): Promise<void> {
  await until(
    () => stuck(stack),
    (count) => count === 1,
    { everyMs: 5 },
  );
  await worker.kill();
  await held.release();
  worker = await stack.startWorker();
}

test('a sender that is killed while its refusal is recorded has stopped the channel, and told a person', async () => {
  await user.writes(phone);
  await refuses(131042);
  const id = await user.planned({ to: phone, text: 'Hello', send_at: later() });
  await user.reaches(id, 'scheduled');
  // Its attempt cannot be written down, until it is dead: what it has asked Postgres for by then is still done.
  const held = await hold(
    stack,
    `insert into app.message_attempts (tenant_id, id, message_id, n, claimed_at, outcome)
     values ($1, gen_random_uuid(), $2, 1, now(), 'refused')`,
    [tenant.id, id],
  );
  await comesDue(stack, tenant, id);
  await killThere(held);
  expect(await user.reaches(id, 'channel_paused')).toMatchObject({ status: 'queued', error_code: 131042 });
  const channel = await tenant.call('GET', `/api/v1/channels/${await user.channelId()}`);
  expect(channel.body).toMatchObject({ status: 'paused' });
  expect(await openAlerts()).toContainEqual(expect.objectContaining({ kind: 'channel_stopped' }));
});

test('a refusal is not recorded before what follows from it: of a sender that is killed in between a person hears', async () => {
  const contact = await user.contact(phone, { opt_in: true });
  await tenant.call('POST', '/api/v1/templates', {
    name: 'promo',
    language: 'en',
    category: 'marketing',
    text: 'Hello {first_name|there}, all shoes cost half today.',
  });
  await refuses(131050);
  const id = await user.planned({ contact_id: contact, template: { name: 'promo' }, send_at: later() });
  await user.reaches(id, 'scheduled');
  // That it has said no cannot be written down.
  const held = await hold(stack, 'lock table app.audit_log in share row exclusive mode', []);
  await comesDue(stack, tenant, id);
  await killThere(held);
  expect(await user.outcome(id)).toBe('unknown');
  expect(await openAlerts()).toContainEqual(expect.objectContaining({ kind: 'message_unknown' }));
});
