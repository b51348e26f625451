import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import type { TestProcess } from '../harness/process.ts';
import { addChannel, addedChannel, newNumber, startWithRealNumbers } from './real-channel.ts';

let stack: Stack;
let tenant: TestTenant;
let api: TestProcess;

beforeAll(async () => {
  stack = await createStack();
  api = await startWithRealNumbers(stack);
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const patch = (id: string, body: object) => tenant.call('PATCH', `/api/v1/channels/${id}`, body);
const get = (id: string) => tenant.call('GET', `/api/v1/channels/${id}`);

test('a number is checked with Meta, its webhooks come here, and a token that was made here is shown once', async () => {
  const number = newNumber(stack);
  const made = await addChannel(tenant, { ...number, name: 'Shop' });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    name: 'Shop',
    sandbox: false,
    status: 'active',
    phone_number_id: number.phone_number_id,
    display_phone_number: expect.stringMatching(/\d{7}/),
    webhook_url: `${stack.apiUrl}/webhooks/whatsapp/${made.body.id}`,
    webhook_status: 'registered',
    verify_token: expect.stringMatching(/^.{20,}$/),
  });
  const shown = await get(made.body.id);
  expect(shown.body).not.toHaveProperty('verify_token');
  const list = await tenant.call('GET', '/api/v1/channels');
  expect(list.body.data[0]).toEqual(shown.body);
  expect(list.body.data).toHaveLength(2);

  const own = await addChannel(tenant, { ...newNumber(stack), verify_token: 'a-word-of-our-own' });
  expect(own.body).toMatchObject({ webhook_status: 'registered', verify_token: null });
});

test('what Meta does not accept is no channel, and the answer says why', async () => {
  const [one, other] = [newNumber(stack), newNumber(stack)];
  const refused = await addChannel(tenant, { ...one, access_token: 'EAAG-expired-or-mistyped' });
  expect([refused.status, refused.body.code]).toEqual([422, 'channel_refused']);
  expect(refused.body.detail).toContain('does not accept the access token');

  const foreign = await addChannel(tenant, { ...one, phone_number_id: other.phone_number_id });
  expect([foreign.status, foreign.body.code]).toEqual([422, 'channel_refused']);
  expect(foreign.body.detail).toContain('does not exist, or the access token may not see it');

  const rows = await stack.database.sql('select from app.channels where phone_number_id = any ($1)', [
    [one.phone_number_id, other.phone_number_id],
  ]);
  expect(rows).toEqual([]);
});

test('a number is one channel of a tenant until it is removed, and may be one of another tenant', async () => {
  const number = newNumber(stack);
  const { id } = await addedChannel(tenant, number);
  expect((await addChannel(tenant, number)).body.code).toBe('channel_exists');
  expect((await addChannel(await stack.tenants.make(), number)).status).toBe(201);

  expect((await tenant.call('DELETE', `/api/v1/channels/${id}`)).status).toBe(204);
  expect((await get(id)).status).toBe(404);
  expect((await patch(id, { name: 'x' })).status).toBe(404);
  expect((await addChannel(tenant, number)).status).toBe(201);
});

test('two that add one number at once make one channel', async () => {
  const number = newNumber(stack);
  const answers = await Promise.all(Array.from({ length: 4 }, () => addChannel(tenant, number)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409]);
});

test('a new token is tried before it replaces the old one', async () => {
  const number = newNumber(stack);
  const { id } = await addedChannel(tenant, number);
  const sealed = 'select credentials from app.channels where id = $1';
  const before = await stack.database.sql(sealed, [id]);
  const refused = await patch(id, { access_token: 'EAAG-mistyped' });
  expect([refused.status, refused.body.code]).toEqual([422, 'channel_refused']);
  expect(await stack.database.sql(sealed, [id])).toEqual(before);

  const changed = await patch(id, { access_token: number.access_token, name: 'Renamed', throughput_per_second: 20 });
  expect(changed.body).toMatchObject({ name: 'Renamed', throughput_per_second: 20, webhook_status: 'registered' });
  expect(await stack.database.sql(sealed, [id])).not.toEqual(before);
});

test('the credentials of a sandbox channel are not for changing', async () => {
  const list = await tenant.call('GET', '/api/v1/channels');
  const sandbox = list.body.data.find((channel: { sandbox: boolean }) => channel.sandbox);
  expect((await patch(sandbox.id, { access_token: 'anything-else' })).status).toBe(422);
  expect((await patch(sandbox.id, { throughput_per_second: 10 })).status).toBe(200);
});

test('a channel is paused with a reason and resumed, each once, and the audit names fields and no values', async () => {
  const { id } = await addedChannel(tenant, newNumber(stack));
  const post = (verb: string, body?: object) => tenant.call('POST', `/api/v1/channels/${id}/${verb}`, body);
  expect((await post('pause', { reason: 'moving house' })).body).toMatchObject({
    status: 'paused',
    pause_reason: 'moving house',
    pause_code: null,
  });
  expect((await post('pause', { reason: 'again' })).body.pause_reason).toBe('moving house');
  expect((await post('resume')).body).toMatchObject({ status: 'active', pause_reason: null, paused_at: null });
  expect((await post('resume')).status).toBe(200);
  await patch(id, { name: 'Audited' });
  const rows = await stack.database.sql('select action, fields from app.audit_log where target_id = $1 order by id', [
    id,
  ]);
  expect(rows).toEqual([
    { action: 'channel.create', fields: ['name', 'phone_number_id', 'credentials', 'verification'] },
    { action: 'channel.pause', fields: ['status'] },
    { action: 'channel.resume', fields: ['status'] },
    { action: 'channel.update', fields: ['name'] },
  ]);
});

test('no credential is in an answer, a log or a row', async () => {
  const [number, next] = [{ ...newNumber(stack), verify_token: 'word-of-verification-7' }, newNumber(stack)];
  const { id } = await addedChannel(tenant, number);
  const answers = [
    await get(id),
    await tenant.call('GET', '/api/v1/channels'),
    await patch(id, { app_secret: next.app_secret }),
    await addChannel(tenant, number),
    await addChannel(tenant, { ...number, access_token: 'EAAG-a-token-of-nobody' }),
    await tenant.call('POST', `/api/v1/channels/${id}/pause`, { reason: 'x' }),
  ];
  const tables = await stack.database.sql<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('app', 'public') and table_type = 'BASE TABLE'`,
  );
  expect(tables.length).toBeGreaterThan(20);
  const rows = await Promise.all(tables.map(({ name }) => stack.database.sql(`select t::text from ${name} as t`)));
  const written = [...answers.map(({ text }) => text), JSON.stringify(rows), stack.output()].join('\n');
  const secrets = [number.access_token, number.app_secret, number.verify_token, next.app_secret, 'token-of-nobody'];
  expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);

  await tenant.call('DELETE', `/api/v1/channels/${id}`);
  const [row] = await stack.database.sql<{ sizes: number[] }>(
    `select array[length(credentials ->> 'data'), length(verification ->> 'data')] as sizes from app.channels where id = $1`,
    [id],
  );
  // Sealed emptiness: what was in them is gone.
  expect(Math.max(...(row?.sizes ?? [1_000]))).toBeLessThan(70);
});

test.each([
  [{ phone_number_id: 'abc' }, 'phone_number_id'],
  [{ access_token: 'two words' }, 'access_token'],
  [{ app_secret: 'short' }, 'app_secret'],
  [{ type: 'sms' }, 'type'],
  [{ status: 'active' }, 'status'],
])('what is wrong with a channel is named (%#)', async (wrong, path) => {
  const refused = await addChannel(tenant, { ...newNumber(stack), ...wrong });
  expect([refused.status, refused.body.errors.map((error: { path: string }) => error.path)]).toEqual([422, [path]]);
});

test('where Meta cannot reach us the channel is made and says what to do; where we cannot reach Meta it is 503', async () => {
  await api.stop();
  api = await startWithRealNumbers(stack, { PUBLIC_URL: 'http://127.0.0.1:9' });
  const number = newNumber(stack);
  const made = await addChannel(tenant, number);
  expect([made.status, made.body.webhook_status]).toEqual([201, 'failed']);
  expect(made.body.webhook_detail).toContain('verify token');

  await api.stop();
  api = await startWithRealNumbers(stack, { WHATSAPP_API_URL: 'http://127.0.0.1:9' });
  const away = await addChannel(tenant, newNumber(stack));
  expect([away.status, away.body.code, away.headers.get('retry-after')]).toEqual([503, 'unavailable', '30']);

  // With a way to us, a token that is said again registers it.
  await api.stop();
  api = await startWithRealNumbers(stack);
  const again = await patch(made.body.id, { access_token: number.access_token });
  expect(again.body).toMatchObject({ webhook_status: 'registered', webhook_detail: null });
});
