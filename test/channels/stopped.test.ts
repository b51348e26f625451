import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { addedChannel, alertsOf, newNumber, startWithRealNumbers } from './real-channel.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await createStack();
  await startWithRealNumbers(stack);
});
afterAll(() => stack.close());

/** A tenant with two numbers of its own and an approved template on each. */
async function twoNumbers() {
  const tenant = await stack.tenants.make();
  const numbers = [newNumber(stack), newNumber(stack)] as const;
  const ids = [(await addedChannel(tenant, numbers[0])).id, (await addedChannel(tenant, numbers[1])).id] as const;
  for (const channel_id of ids) {
    const made = await tenant.call('POST', '/api/v1/templates', {
      channel_id,
      name: 'notice',
      language: 'en',
      category: 'utility',
      text: 'This is a notice about your account, nothing else.',
    });
    expect(made.body.status).toBe('approved');
  }
  return { tenant, numbers, ids, user: messenger(stack, tenant) };
}

const notice = (channel_id: string, to: string) => ({ channel_id, to, template: { name: 'notice' } });
const show = async (tenant: TestTenant, id: string) => (await tenant.call('GET', `/api/v1/channels/${id}`)).body;
const refuse = (to: string, code: number) => stack.sandbox('POST', '/faults', { kind: 'refused', code, to, count: 1 });

test('a token that has expired stops its channel alone, with one alert, until there is a new one', async () => {
  const { tenant, numbers, ids, user } = await twoNumbers();
  const [first, second] = [anyPhone(), anyPhone()];
  await refuse(first, 190);
  const held = await user.planned(notice(ids[0], first));
  const stopped = await until(
    () => show(tenant, ids[0]),
    ({ status }) => status === 'paused',
  );
  expect(stopped).toMatchObject({ pause_reason: 'reauthorise', pause_code: 190, paused_at: expect.any(String) });

  // More of them do not raise more.
  const more = await user.planned(notice(ids[0], anyPhone()));
  await user.reaches(more, 'channel_paused');
  const alerts = await alertsOf(tenant);
  expect(alerts).toEqual([
    expect.objectContaining({ kind: 'channel_reauthorise', subject: ids[0], channel_id: ids[0], resolved_at: null }),
  ]);
  expect(await show(tenant, ids[1])).toMatchObject({ status: 'active', pause_reason: null });
  await user.reaches(await user.planned(notice(ids[1], second)), 'sent', 'delivered', 'read');

  const resumed = await tenant.call('PATCH', `/api/v1/channels/${ids[0]}`, { access_token: numbers[0].access_token });
  expect(resumed.body).toMatchObject({ status: 'active', pause_reason: null, pause_code: null });
  expect(await alertsOf(tenant)).toEqual([]);
  // What was held leaves, each once.
  for (const id of [held, more]) {
    await user.reaches(id, 'sent', 'delivered', 'read');
    expect(await user.accepted(id)).toHaveLength(1);
  }
});

test('a number that Meta stopped is not mended by a token: somebody has to say so', async () => {
  const { tenant, numbers, ids, user } = await twoNumbers();
  const phone = anyPhone();
  await refuse(phone, 131042);
  const held = await user.planned(notice(ids[0], phone));
  await until(
    () => show(tenant, ids[0]),
    ({ pause_reason, pause_code }) => pause_reason === 'provider' && pause_code === 131042,
  );
  expect(await alertsOf(tenant)).toEqual([expect.objectContaining({ kind: 'channel_stopped', subject: ids[0] })]);

  await tenant.call('PATCH', `/api/v1/channels/${ids[0]}`, { access_token: numbers[0].access_token });
  expect((await show(tenant, ids[0])).status).toBe('paused');
  expect((await tenant.call('POST', `/api/v1/channels/${ids[0]}/resume`)).body.status).toBe('active');
  expect(await alertsOf(tenant)).toEqual([]);
  await user.reaches(held, 'sent', 'delivered', 'read');
});

test('an alert is resolved by hand, and what happens again opens another', async () => {
  const { tenant, ids, user } = await twoNumbers();
  const stop = async () => {
    const phone = anyPhone();
    await refuse(phone, 131048);
    await user.planned(notice(ids[0], phone));
    return until(
      () => alertsOf(tenant),
      (open) => open.length === 1,
    );
  };
  const [first] = await stop();
  const resolve = () => tenant.call('POST', `/api/v1/alerts/${first.id}/resolve`);
  const { body } = await resolve();
  expect(body.resolved_at).toEqual(expect.any(String));
  expect((await resolve()).body).toEqual(body);
  expect(await alertsOf(tenant)).toEqual([]);
  await tenant.call('POST', `/api/v1/channels/${ids[0]}/resume`);
  const [second] = await stop();
  expect(second.id).not.toBe(first.id);
  const closed = await tenant.call('GET', '/api/v1/alerts?open=false');
  expect(closed.body.data).toEqual([body]);
});
