import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createPerson, type Person } from '../api/people.ts';
import { expectPublished, readOpenApi } from '../api/openapi-document.ts';
import { expectProblem } from '../api/problem.ts';
import type { Answer, Call } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { statusesOf } from './newcomer.ts';

type Role = 'owner' | 'admin' | 'member' | 'viewer';

let stack: Stack;
let tenant: TestTenant;
let people: Record<Role, Person>;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
beforeEach(async () => {
  tenant = await stack.tenants.make();
  // The platform admin made it, and is its owner until it has one of its own.
  await stack.database.sql('delete from app.memberships where tenant_id = $1', [tenant.id]);
  const join = (role: Role) => createPerson(stack, { [tenant.id]: role });
  people = {
    owner: await join('owner'),
    admin: await join('admin'),
    member: await join('member'),
    viewer: await join('viewer'),
  };
});
afterAll(() => stack.close());

const members = () => `/api/v1/tenants/${tenant.id}/members`;
const change = (call: Call, { id }: Person, role: Role): Promise<Answer> =>
  call('PATCH', `${members()}/${id}`, { role });
const remove = (call: Call, { id }: Person): Promise<Answer> => call('DELETE', `${members()}/${id}`);
const rolesNow = async () =>
  (await stack.database.sql<{ role: Role }>('select role from app.memberships where tenant_id = $1', [tenant.id]))
    .map(({ role }) => role)
    .toSorted();

test('members see each other, with names and roles', async () => {
  const document = await readOpenApi(stack.call);
  const answer = await people.viewer.call('GET', members());
  expectPublished(document, 'listMembers', answer);
  expect(answer.body.data.map((one: { user_id: string; role: Role }) => [one.user_id, one.role])).toEqual(
    (['viewer', 'member', 'admin', 'owner'] as const).map((role) => [people[role].id, role]),
  );
  const page = (await people.viewer.call('GET', `${members()}?limit=3`)).body;
  const rest = (await people.viewer.call('GET', `${members()}?limit=3&cursor=${page.next_cursor}`)).body;
  expect([...page.data, ...rest.data]).toEqual(answer.body.data);
});

test('an admin manages all but owners, and makes none', async () => {
  const { admin, owner, member, viewer } = people;
  expect((await change(admin.call, viewer, 'admin')).body.role).toBe('admin');
  expect((await change(admin.call, viewer, 'member')).status).toBe(200);
  for (const answer of [
    await change(admin.call, member, 'owner'),
    await change(admin.call, admin, 'owner'),
    await change(admin.call, owner, 'viewer'),
    await remove(admin.call, owner),
  ]) {
    expectProblem(answer, 403, 'forbidden');
  }
  expect((await remove(admin.call, member)).status).toBe(204);
  expect(await rolesNow()).toEqual(['admin', 'member', 'owner']);
});

test('an owner makes another one, and may then become less or leave', async () => {
  const { owner, admin } = people;
  expect((await change(owner.call, admin, 'owner')).body.role).toBe('owner');
  expect((await change(owner.call, owner, 'viewer')).body.role).toBe('viewer');
  expectProblem(await change(owner.call, admin, 'viewer'), 403, 'forbidden');
  expect((await remove(owner.call, owner)).status).toBe(204);
  expectProblem(await owner.call('GET', members()), 404, 'not_found');
});

test('the last owner stays, whoever asks', async () => {
  for (const call of [people.owner.call, stack.tenants.asAdmin]) {
    expectProblem(await change(call, people.owner, 'admin'), 409, 'last_owner');
    expectProblem(await remove(call, people.owner), 409, 'last_owner');
  }
  expect(await rolesNow()).toEqual(['admin', 'member', 'owner', 'viewer']);
});

test.each<[string, (one: Person, other: Person) => Promise<Answer>[]]>([
  ['leave', (one, other) => [remove(one.call, one), remove(other.call, other)]],
  ['put each other out', (one, other) => [remove(one.call, other), remove(other.call, one)]],
  ['lower each other', (one, other) => [change(one.call, other, 'viewer'), change(other.call, one, 'viewer')]],
])('of two owners who %s at the same time one stays an owner', async (_what, attempts) => {
  for (let round = 0; round < 5; round += 1) {
    const [one, other] = [
      await createPerson(stack, { [tenant.id]: 'owner' }),
      await createPerson(stack, { [tenant.id]: 'owner' }),
    ];
    await stack.database.sql('delete from app.memberships where tenant_id = $1 and user_id <> all ($2)', [
      tenant.id,
      [one.id, other.id],
    ]);
    const [ok, refused] = statusesOf(await Promise.all(attempts(one, other)));
    expect([200, 204]).toContain(ok);
    // Who is no owner any more is told so, or, who is no member any more, nothing.
    expect([403, 404, 409]).toContain(refused);
    expect((await rolesNow()).filter((role) => role === 'owner')).toHaveLength(1);
  }
});

test.each(['admin', 'member', 'viewer'] as const)('a member who is %s may leave, and only themselves', async (role) => {
  const person = people[role];
  const other = role === 'viewer' ? people.member : people.viewer;
  if (role !== 'admin') expectProblem(await remove(person.call, other), 403, 'forbidden');
  expect((await remove(person.call, person)).status).toBe(204);
  expectProblem(await person.call('GET', members()), 404, 'not_found');
});

test('what is done to members is written down, by whom and to whom', async () => {
  const { owner, viewer, member } = people;
  await change(owner.call, viewer, 'member');
  await change(owner.call, viewer, 'member');
  await remove(member.call, member);
  const rows = await stack.database.sql(
    `select action, actor_id, target_id, fields from app.audit_log where tenant_id = $1 and action like 'member.%' order by at`,
    [tenant.id],
  );
  expect(rows).toEqual([
    { action: 'member.role', actor_id: owner.id, target_id: viewer.id, fields: ['role'] },
    { action: 'member.remove', actor_id: member.id, target_id: member.id, fields: [] },
  ]);
});
