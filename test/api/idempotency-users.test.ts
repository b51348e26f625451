import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer, Json } from '../harness/client.ts';
import { hold, stuck } from '../harness/hold.ts';
import type { TestProcess } from '../harness/process.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { anyEmail, newcomer, type Newcomer } from '../identity/newcomer.ts';
import { expectProblem } from './problem.ts';

let stack: Stack;
let api: TestProcess;
let ann: Newcomer;
let key: string;

beforeAll(async () => {
  stack = await createStack({ env: { TENANTS_PER_USER: '100' } });
  api = await stack.startApi('false');
  ann = await newcomer(stack.call);
});
afterAll(() => stack.close());
beforeEach(() => {
  key = randomUUID();
});

const company = () => ({ name: 'Adalbertina', slug: `t-${randomUUID()}`, plan: 'starter' });
const make = (body: object, { call } = ann): Promise<Answer> =>
  call('POST', '/api/v1/tenants', body, { 'idempotency-key': key });
const accept = (token: string, { call }: Newcomer): Promise<Answer> =>
  call('POST', '/api/v1/invitations/accept', { token }, { 'idempotency-key': key });
const replayed = ({ headers }: Answer): string | null => headers.get('idempotency-replayed');
const tenants = async ({ call } = ann): Promise<Json[]> => (await call('GET', '/api/v1/tenants?limit=100')).body.data;

/** An open invitation into a tenant of Ann's. */
async function invite(): Promise<{ token: string; tenantId: number }> {
  const { body: tenant } = await ann.call('POST', '/api/v1/tenants', company());
  const guest = { email: anyEmail(), role: 'member' };
  const { body } = await ann.call('POST', `/api/v1/tenants/${tenant.id}/invitations`, guest);
  return { token: body.token as string, tenantId: tenant.id as number };
}

test('a tenant that is asked for again with its key is the same answer, and one tenant', async () => {
  const body = company();
  const before = (await tenants()).length;
  const [first, again] = [await make(body), await make(body)];
  expect([first.status, replayed(first)]).toEqual([201, null]);
  expect([again.status, again.body, replayed(again)]).toEqual([201, first.body, 'true']);
  expect(await tenants()).toHaveLength(before + 1);
});

test('of many repeats at once one makes the tenant, and all others get its answer or are told to wait', async () => {
  const body = company();
  const before = (await tenants()).length;
  const answers = await Promise.all(Array.from({ length: 12 }, () => make(body)));
  expect(answers.filter((answer) => answer.status === 201 && !replayed(answer))).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 201)) {
    expectProblem(answer, 409, 'idempotency_key_in_use');
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  expect(await tenants()).toHaveLength(before + 1);
});

test('a key that comes with another body, or for another route, is refused', async () => {
  await make(company());
  expectProblem(await make(company()), 422, 'idempotency_key_reused');
  const { token } = await invite();
  expectProblem(await accept(token, ann), 422, 'idempotency_key_reused');
});

test('a key belongs to one user, and not to the tenants of that user', async () => {
  const bob = await newcomer(stack.call);
  const { body: tenant } = await make(company());
  const theirs = await make(company(), bob);
  expect([theirs.status, replayed(theirs)]).toEqual([201, null]);
  const contact = { phone_number: '+4915112345678' };
  const headers = { 'idempotency-key': key, 'x-tenant-id': String(tenant.id) };
  const inTenant = await ann.call('POST', '/api/v1/contacts', contact, headers);
  expect([inTenant.status, replayed(inTenant)]).toEqual([201, null]);
});

test('an error is not kept: once its cause is gone, the same request goes through', async () => {
  const domain = `${randomUUID()}.example`;
  const { body: inTheWay } = await ann.call('POST', '/api/v1/tenants', { ...company(), domain });
  const body = { ...company(), domain };
  expectProblem(await make(body), 409, 'domain_taken');
  await ann.call('PATCH', `/api/v1/tenants/${inTheWay.id}`, { domain: null });
  const answer = await make(body);
  expect([answer.status, replayed(answer)]).toEqual([201, null]);
});

test('two users who ask for one slug at once, with keys: one gets it, and the other hears why not', async () => {
  const bob = await newcomer(stack.call);
  const body = company();
  const answers = await Promise.all([make(body), make(body, bob)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  expectProblem(answers.find(({ status }) => status === 409) as Answer, 409, 'slug_taken');
});

test('an API that is killed with the tenant made and no answer kept leaves none, and the repeat starts afresh', async () => {
  const body = company();
  const before = (await tenants()).length;
  const held = await hold(stack, 'lock table app.user_answers in share mode', []);
  const cut = make(body).catch(() => 'cut');
  await until(
    () => stuck(stack),
    (count) => count > 0,
  );
  await api.kill();
  await held.release();
  expect(await cut).toBe('cut');
  api = await stack.startApi('false');
  expect(await tenants()).toHaveLength(before);
  const answer = await until(
    () => make(body),
    ({ status }) => status === 201,
  );
  expect(replayed(answer)).toBeNull();
  expect(await tenants()).toHaveLength(before + 1);
});

test('an invitation that is accepted again with its key gets the first answer, whatever has become of the member', async () => {
  const bob = await newcomer(stack.call);
  const { token, tenantId } = await invite();
  const first = await accept(token, bob);
  expect([first.status, first.body]).toEqual([200, { tenant_id: tenantId, role: 'member' }]);
  const { id } = (await bob.call('GET', '/api/v1/me')).body;
  expect((await ann.call('DELETE', `/api/v1/tenants/${tenantId}/members/${id}`)).status).toBe(204);
  const again = await accept(token, bob);
  expect([again.status, again.body, replayed(again)]).toEqual([200, first.body, 'true']);
  // It is the answer alone that comes again.
  expect(await tenants(bob)).toEqual([]);
});

test('of many who accept one invitation at once, each with a key, one becomes a member', async () => {
  const { token, tenantId } = await invite();
  const guests = await Promise.all(Array.from({ length: 5 }, () => newcomer(stack.call)));
  const answers = await Promise.all(guests.map((guest) => accept(token, guest)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404, 404]);
  expect((await ann.call('GET', `/api/v1/tenants/${tenantId}/members`)).body.data).toHaveLength(2);
});

test('what is kept can be read by nobody without the key, and is gone after a day', async () => {
  const rows = () => stack.database.sql<{ row: string }>('select a::text as row from app.user_answers a');
  const body = company();
  await make(body);
  for (const { row } of await rows()) {
    for (const secret of [key, body.slug, body.name]) expect(row).not.toContain(secret);
  }
  await stack.database.sql(`update app.user_answers set created_at = created_at - interval '25 hours'`);
  // The key is free again, so that the request is a new one.
  expectProblem(await make(body), 409, 'slug_taken');
  const other = await make(company());
  expect([other.status, replayed(other)]).toEqual([201, null]);
  await stack.database.sql('select app.sweep_user_answers(1000)');
  expect(await rows()).toHaveLength(1);
});

test('a sign-up with a key gets an equal answer again, and nothing of it is kept', async () => {
  const person = { email: anyEmail(), password: 'a long walk in the rain', name: 'Bea' };
  const send = (body: object) => stack.call('POST', '/api/v1/auth/signup', body, { 'idempotency-key': key });
  const kept = () =>
    stack.database.sql('select key_mac from app.user_answers union all select key_mac from app.idempotent_answers');
  const before = (await kept()).length;
  const [first, again, other] = [await send(person), await send(person), await send({ ...person, name: 'Eve' })];
  for (const answer of [first, again, other])
    expect([answer.status, answer.body, replayed(answer)]).toEqual([202, { status: 'accepted' }, null]);
  expect(await kept()).toHaveLength(before);
});
