import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer, Call, Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { awayFromTheFullHour } from './full-hour.ts';
import { createPerson } from './people.ts';
import { expectProblem } from './problem.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const keys = () => `/api/v1/tenants/${tenant.id}/api-keys`;
const rotate = (id: string, overlap_seconds: number): Promise<Answer> =>
  stack.tenants.asAdmin('POST', `${keys()}/${id}/rotate`, { overlap_seconds });
const use = (key: string): Promise<Answer> => stack.call('GET', '/api/v1/flows', undefined, { 'x-api-key': key });
const shown = async (id: string): Promise<Json> =>
  ((await stack.tenants.asAdmin('GET', `${keys()}?limit=100`)).body.data as Json[]).find((key) => key.id === id);
const control = (id: string, verb: string, more: object = {}, call: Call = stack.tenants.asAdmin): Promise<Answer> => {
  const body = { reason: 'we have changed over', ...more };
  return call('POST', `/api/v1/flows/${id}/${verb}`, body, { 'x-tenant-id': String(tenant.id) });
};
const outcome = async (id: string): Promise<string> => {
  const { workflow } = await stack.temporalClient();
  const handle = workflow.getHandle(`key_rotation/${tenant.id}/${id}`);
  // It is started a moment after the answer.
  await until(
    () => handle.describe().catch(() => undefined),
    (seen) => seen !== undefined,
  );
  return handle.result();
};

test('both keys work during the overlap and count together, and then the old one stops by itself', async () => {
  const old = await stack.tenants.makeKey(tenant.id, { rate_limit: 6 });
  const { status, body: next } = await rotate(old.id, 3_600);
  expect(status).toBe(201);
  expect(next).toMatchObject({ name: old.name, permissions: old.permissions, rate_limit: 6, stops_at: null });

  const left = (answer: Answer) => /r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1];
  expect([left(await use(old.key)), left(await use(next.key)), left(await use(old.key))]).toEqual(['5', '4', '3']);
  expect(await shown(old.id)).toMatchObject({
    replaced_by: next.id,
    revoked_at: null,
    last_used_at: expect.any(String),
  });

  const timeline = (await tenant.call('GET', `/api/v1/flows/${old.id}/timeline`)).body;
  const { stops_at } = await shown(old.id);
  expect(timeline.future).toEqual([expect.objectContaining({ at: stops_at, what: 'stop_key' })]);

  await control(old.id, 'run-now');
  await expect(outcome(old.id)).resolves.toBe('revoked');
  expectProblem(await use(old.key), 401, 'unauthenticated');
  expect((await use(next.key)).status).toBe(200);
  expect((await shown(old.id)).revoked_at).not.toBeNull();
});

test('the old key stops at its instant by the database clock, whether or not a worker runs', async () => {
  const old = await stack.tenants.makeKey(tenant.id);
  await rotate(old.id, 3_600);
  await stack.database.sql(`update app.api_keys set stops_at = clock_timestamp() - interval '1 second' where id = $1`, [
    old.id,
  ]);
  expectProblem(await use(old.key), 401, 'unauthenticated');
});

test('without an overlap the old key is worth nothing from the answer on', async () => {
  const old = await stack.tenants.makeKey(tenant.id);
  const { body: next } = await rotate(old.id, 0);
  expectProblem(await use(old.key), 401, 'unauthenticated');
  expect((await use(next.key)).status).toBe(200);
});

test('a rotation that is cancelled leaves both keys, and one that is put off stops the key later', async () => {
  const [kept, later] = [await stack.tenants.makeKey(tenant.id), await stack.tenants.makeKey(tenant.id)];
  await rotate(kept.id, 3_600);
  await control(kept.id, 'cancel');
  await expect(outcome(kept.id)).resolves.toBe('cancelled');
  expect((await use(kept.key)).status).toBe(200);
  expect(await shown(kept.id)).toMatchObject({ stops_at: null, replaced_by: null });

  await rotate(later.id, 60);
  const at = '2031-03-10T08:00:00.000Z';
  await control(later.id, 'reschedule', { at });
  expect(await shown(later.id)).toMatchObject({ stops_at: at });
});

test('neither a key nor whoever may not manage keys can put off the end of one, call it off, or bring it on', async () => {
  const old = await stack.tenants.makeKey(tenant.id);
  await rotate(old.id, 3_600);
  const { stops_at } = await shown(old.id);
  const people = [
    await createPerson(stack, { [tenant.id]: 'member' }),
    await createPerson(stack, { [tenant.id]: 'admin' }),
  ];
  const itself: Call = (method, path, body) => stack.call(method, path, body, { 'x-api-key': old.key });
  for (const call of [itself, tenant.call, people[0]?.call]) {
    expectProblem(await control(old.id, 'cancel', {}, call), 403, 'forbidden');
    expectProblem(await control(old.id, 'reschedule', { at: '2031-03-10T08:00:00Z' }, call), 403, 'forbidden');
    expectProblem(await control(old.id, 'run-now', {}, call), 403, 'forbidden');
  }
  expect(await shown(old.id)).toMatchObject({ stops_at });
  expect((await control(old.id, 'run-now', {}, people[1]?.call)).status).toBe(200);
  expectProblem(await use(old.key), 401, 'unauthenticated');
});

test('revoking a replaced key ends its rotation', async () => {
  const old = await stack.tenants.makeKey(tenant.id);
  await rotate(old.id, 3_600);
  await stack.tenants.asAdmin('DELETE', `${keys()}/${old.id}`);
  await expect(outcome(old.id)).resolves.toBe('revoked');
  const flow = await until(
    async () => (await tenant.call('GET', `/api/v1/flows/${old.id}`)).body,
    ({ status }) => status !== 'running',
  );
  expect(flow).toMatchObject({ status: 'completed', outcome: 'revoked' });
});

test('a key that is revoked, or was replaced, is not rotated again', async () => {
  const [revoked, replaced] = [await stack.tenants.makeKey(tenant.id), await stack.tenants.makeKey(tenant.id)];
  await stack.tenants.asAdmin('DELETE', `${keys()}/${revoked.id}`);
  expectProblem(await rotate(revoked.id, 60), 409, 'api_key_not_active');
  await rotate(replaced.id, 60);
  expectProblem(await rotate(replaced.id, 60), 409, 'api_key_not_active');
});

test('of two who rotate one key at once, one gets the new key', async () => {
  const old = await stack.tenants.makeKey(tenant.id);
  const statuses = (await Promise.all([rotate(old.id, 60), rotate(old.id, 60)])).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([201, 409]);
});

test('a stolen key that is tried without end fills no log', async () => {
  const { id, key } = await stack.tenants.makeKey(tenant.id, { allowed_addresses: ['203.0.113.7'] });
  await awayFromTheFullHour(stack);
  for (let n = 0; n < 13; n += 1) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => use(key)));
    for (const answer of answers) expectProblem(answer, 403, 'address_not_allowed');
  }
  const noted = await stack.database.sql('select from app.audit_log where target_id = $1', [id]);
  // One more says that the key was made.
  expect(noted).toHaveLength(100 + 1);
});

test('a key with a list of addresses works from these alone, and its owner reads of every other try', async () => {
  const [here, elsewhere] = [
    await stack.tenants.makeKey(tenant.id, { allowed_addresses: ['127.0.0.0/8', '::1'] }),
    await stack.tenants.makeKey(tenant.id, { allowed_addresses: ['203.0.113.7', '2001:db8::/48'] }),
  ];
  expect((await use(here.key)).status).toBe(200);
  expectProblem(await use(elsewhere.key), 403, 'address_not_allowed');
  const audited = await stack.database.sql('select from app.audit_log where action = $1 and target_id = $2', [
    'access.address_refused',
    elsewhere.id,
  ]);
  expect(audited).toHaveLength(1);
  const bad = await stack.tenants.asAdmin('POST', keys(), {
    name: 'x',
    permissions: ['read'],
    allowed_addresses: ['203.0.113.0/99'],
  });
  expectProblem(bad, 422, 'invalid_request');
});
