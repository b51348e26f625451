import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { connect, event, type Account } from './stripe.ts';

let stack: Stack;
let tenant: TestTenant;
let account: Account;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  account = await connect(stack, tenant);
});

const body = () => event('customer.created', { id: 'cus_1', object: 'customer' });
const now = () => Math.floor(Date.now() / 1000);
const rotate = (more: object) => tenant.call('POST', `/api/v1/connections/${account.id}/rotate-secret`, more);

test('a wrong, old, foreign or missing signature is refused, and leaves no row', async () => {
  const other = await connect(stack, tenant);
  const good = Stripe.webhooks.generateTestHeaderString({ payload: body(), secret: account.secret });
  const answers = [
    await account.post(body(), { secret: 'whsec_wrong' }),
    await account.post(body(), { secret: other.secret }),
    await account.post(body(), { timestamp: now() - 301 }),
    await account.post(body(), { header: good }),
    await account.post(body(), { header: '' }),
    await account.post(body(), { header: `t=${now()},v1=${'0'.repeat(64)}` }),
    await account.post(body(), { header: `t=x,v1=${'0'.repeat(64)},${'x'.repeat(5_000)}` }),
    await stack.call('POST', `/webhooks/stripe/${randomUUIDv7()}`, body(), { 'stripe-signature': good }),
    await stack.call('POST', '/webhooks/stripe/nonsense', body(), { 'stripe-signature': good }),
  ];
  expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(401));
  expect(await account.outcomes()).toEqual([]);
  expect((await account.post(body(), { timestamp: now() - 250 })).status).toBe(200);
});

test('a body that was changed after it was signed is refused, and one of more than a mebibyte', async () => {
  const payload = body();
  const header = Stripe.webhooks.generateTestHeaderString({ payload, secret: account.secret });
  const changed = payload.replace('cus_1', 'cus_2');
  const huge = event('customer.created', { id: 'cus_1', object: 'customer', padding: 'x'.repeat(1024 * 1024) });
  const answers = [
    await account.post(changed, { header }),
    await account.post(huge),
    await account.post(payload, { header }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 413, 200]);
});

test('one good signature among several will do, as while Stripe rolls a secret', async () => {
  const payload = body();
  const timestamp = now();
  const v1 = (secret: string) =>
    Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }).split(',')[1] ?? '';
  const header = `t=${timestamp},${v1('whsec_next')},${v1(account.secret)},v0=${'0'.repeat(64)}`;
  expect((await account.post(payload, { header })).status).toBe(200);
});

test('after a rotation both secrets are taken, until the old one’s time is over', async () => {
  const next = 'whsec_the_next_one';
  const answer = await rotate({ secret: next, overlap_seconds: 60 });
  expect([answer.status, answer.text.includes(next)]).toEqual([200, false]);
  // Again, as after an answer that got lost.
  expect((await rotate({ secret: next, overlap_seconds: 60 })).status).toBe(200);
  expect((await account.post(body())).status).toBe(200);
  expect((await account.post(body(), { secret: next })).status).toBe(200);

  await stack.database.sql(`update app.connections set previous_until = clock_timestamp() where id = $1`, [account.id]);
  expect((await account.post(body())).status).toBe(401);
  expect((await account.post(body(), { secret: next })).status).toBe(200);
});

test('without an overlap the old secret is of no use at once', async () => {
  await rotate({ secret: 'whsec_the_next_one', overlap_seconds: 0 });
  expect((await account.post(body())).status).toBe(401);
});

test('a removed connection takes nothing, and a removed tenant’s neither', async () => {
  const second = await connect(stack, tenant);
  expect((await tenant.call('DELETE', `/api/v1/connections/${account.id}`)).status).toBe(204);
  expect((await account.post(body())).status).toBe(401);
  expect((await tenant.call('GET', `/api/v1/connections/${account.id}`)).status).toBe(404);
  await stack.database.sql('update app.tenants set deleted_at = clock_timestamp() where id = $1', [tenant.id]);
  expect((await second.post(body())).status).toBe(401);
});

test('signed bodies that are no events are refused as malformed', async () => {
  for (const odd of ['', '{', '[]', 'null', '{"id":"evt_1"}', '{"object":"event","id":"evt_\u0000"}']) {
    expect([odd, (await account.post(odd)).status]).toEqual([odd, 400]);
  }
  expect(await account.outcomes()).toEqual([]);
});

test('secrets are sealed in the database, and no answer has them', async () => {
  const rows = JSON.stringify(await stack.database.sql('select * from app.connections where id = $1', [account.id]));
  expect(rows).not.toContain(account.secret);
  const answers = [
    account.made,
    (await tenant.call('GET', '/api/v1/connections')).body,
    (await tenant.call('GET', `/api/v1/connections/${account.id}`)).body,
  ];
  expect(JSON.stringify(answers)).not.toContain(account.secret);
  expect(account.made).toMatchObject({
    platform: 'stripe',
    status: 'active',
    has_access_token: false,
    webhook_url: expect.stringMatching(new RegExp(`/webhooks/stripe/${account.id}$`)),
  });
});

test('other platforms are refused for now, saying which one there is', async () => {
  const answer = await tenant.call('POST', '/api/v1/connections', { platform: 'shopify', secret: 'something' });
  expect([answer.status, answer.body.errors]).toEqual([
    422,
    [{ path: 'platform', message: expect.stringContaining('supported: stripe') }],
  ]);
});
