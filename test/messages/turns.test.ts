import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let many: TestTenant;
let few: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  const api = await stack.startApi();
  [many, few] = [await stack.tenants.make(), await stack.tenants.make()];
  await api.stop();
});
afterAll(() => stack.close());

/** Plans messages of a tenant to people who have written, while nothing delivers them. */
async function plan(tenant: TestTenant, count: number): Promise<string[]> {
  const user = messenger(stack, tenant);
  const phones = Array.from({ length: count }, anyPhone);
  await stack.database.sql(
    `insert into app.conversations (tenant_id, id, channel_id, phone, last_inbound_at, closes_at)
     select $1, gen_random_uuid(), $2, phone, now(), now() + interval '1 day' from unnest($3::text[]) phone`,
    [tenant.id, await user.channelId(), phones],
  );
  const ids: string[] = [];
  for (const to of phones) ids.push(await user.planned({ to, text: 'Hello' }));
  return ids;
}

test('tenants take turns: the few messages of one do not wait behind the many of another, nor do passcodes', async () => {
  const alone = await stack.startApiAlone();
  const flood = await plan(many, 120);
  const [first = '', ...others] = await plan(few, 4);
  const phone = anyPhone();
  const code = (await otpUser(stack, few).send(phone)).body.id;
  await alone.stop();

  await stack.startApi();
  const ledger = await until(
    () => stack.ledger(),
    (all) => all.length === 125,
    { withinMs: 60_000 },
  );
  const order = ledger.map(({ opaque_id }) => opaque_id);
  const places = [first, ...others].map((id) => order.indexOf(id));
  // Half of those under way are of each tenant, until the few have all left.
  expect(Math.max(...places)).toBeLessThan(32);
  expect(flood.every((id) => order.includes(id))).toBe(true);
  const [{ id: message } = { id: '' }] = await stack.database.sql<{ id: string }>(
    'select id from app.messages where flow_id = $1',
    [code],
  );
  expect(order.indexOf(message)).toBeLessThan(32);
});
