import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPerson, type Person } from '../api/people.ts';
import { expectPublished, readOpenApi } from '../api/openapi-document.ts';
import { expectProblem } from '../api/problem.ts';
import type { Answer, Call } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { anyEmail, newcomer, statusesOf } from './newcomer.ts';

let stack: Stack;
let tenant: TestTenant;
let owner: Person;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  tenant = await stack.tenants.make();
  owner = await createPerson(stack, { [tenant.id]: 'owner' });
});
afterAll(() => stack.close());

const invitations = () => `/api/v1/tenants/${tenant.id}/invitations`;
const invite = (email = anyEmail(), role = 'member', by: Call = owner.call): Promise<Answer> =>
  by('POST', invitations(), { email, role });
const accept = (call: Call, token: string): Promise<Answer> => call('POST', '/api/v1/invitations/accept', { token });
const roleOf = async (call: Call) =>
  (await call('GET', '/api/v1/me')).body.tenants.find(({ id }: { id: number }) => id === tenant.id)?.role;

test('whoever has the token becomes a member, whatever their address; whoever has the address does not', async () => {
  const document = await readOpenApi(stack.call);
  const [named, holder] = [await newcomer(stack.call), await newcomer(stack.call)];
  const made = await invite(named.email.toUpperCase(), 'viewer');
  expectPublished(document, 'createInvitation', made);
  expect(made.body).toMatchObject({ email: named.email, role: 'viewer', accepted_at: null });

  expect(await roleOf(named.call)).toBeUndefined();
  expectProblem(await named.call('GET', invitations()), 404, 'not_found');
  const accepted = await accept(holder.call, made.body.token);
  expectPublished(document, 'acceptInvitation', accepted);
  expect(accepted.body).toEqual({ tenant_id: tenant.id, role: 'viewer' });
  expect(await roleOf(holder.call)).toBe('viewer');

  const listed = await owner.call('GET', invitations());
  expectPublished(document, 'listInvitations', listed);
  expect(listed.body.data[0]).toMatchObject({ id: made.body.id, accepted_at: expect.any(String) });
  expect(listed.text).not.toContain(made.body.token);
  const rows = await stack.database.sql('select i::text as row from app.invitations i');
  expect(JSON.stringify(rows)).not.toContain(made.body.token);
});

test('a token lets one in, however many come at once', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => createPerson(stack)));
  const { token } = (await invite()).body;
  const answers = await Promise.all(people.map(({ call }) => accept(call, token)));
  expect(statusesOf(answers)).toEqual([200, 404, 404, 404, 404]);
  const roles = await Promise.all(people.map(({ call }) => roleOf(call)));
  expect(roles.filter((role) => role === 'member')).toHaveLength(1);
});

test('the one who accepted may say so again, but does not come back with it once removed', async () => {
  const person = await createPerson(stack);
  const { token } = (await invite()).body;
  expect((await accept(person.call, token)).status).toBe(200);
  expect((await accept(person.call, token)).status).toBe(200);
  const removed = await owner.call('DELETE', `/api/v1/tenants/${tenant.id}/members/${person.id}`);
  expect(removed.status).toBe(204);
  expectProblem(await accept(person.call, token), 404, 'not_found');
  expect(await roleOf(person.call)).toBeUndefined();
});

test('a member gains nothing by an invitation, which stays open for somebody else', async () => {
  const viewer = await createPerson(stack, { [tenant.id]: 'viewer' });
  const { token } = (await invite(anyEmail(), 'admin')).body;
  expectProblem(await accept(viewer.call, token), 409, 'already_member');
  expect(await roleOf(viewer.call)).toBe('viewer');
  expect((await accept((await createPerson(stack)).call, token)).status).toBe(200);
});

test.each<[string, (id: string, email: string) => Promise<unknown>]>([
  ['has expired', (id) => stack.database.sql(`update app.invitations set expires_at = now() where id = $1`, [id])],
  ['was taken back', (id) => owner.call('DELETE', `${invitations()}/${id}`)],
  ['was followed by another to the same address', (_id, email) => invite(email.toUpperCase())],
  ['never was', (id) => stack.database.sql(`update app.invitations set token_hash = '' where id = $1`, [id])],
])('an invitation that %s lets nobody in', async (_which, end) => {
  const email = anyEmail();
  const { id, token } = (await invite(email)).body;
  await end(id, email);
  const person = await createPerson(stack);
  expectProblem(await accept(person.call, token), 404, 'not_found');
  expect(await roleOf(person.call)).toBeUndefined();
});

test('an admin invites up to admins, an owner owners as well', async () => {
  const admin = await createPerson(stack, { [tenant.id]: 'admin' });
  expectProblem(await invite(anyEmail(), 'owner', admin.call), 403, 'forbidden');
  expect((await invite(anyEmail(), 'admin', admin.call)).status).toBe(201);
  expect((await invite(anyEmail(), 'owner')).status).toBe(201);
});

test('with a member go the open invitations that they made, and nobody comes back by one', async () => {
  const admin = await createPerson(stack, { [tenant.id]: 'admin' });
  const [backdoor, foreign] = [await invite(anyEmail(), 'admin', admin.call), await invite()];
  expect((await owner.call('DELETE', `/api/v1/tenants/${tenant.id}/members/${admin.id}`)).status).toBe(204);
  expectProblem(await accept(admin.call, backdoor.body.token), 404, 'not_found');
  expect(await roleOf(admin.call)).toBeUndefined();
  const { data } = (await owner.call('GET', invitations())).body;
  const revoked = (id: string) => data.find((one: { id: string }) => one.id === id).revoked_at;
  expect([revoked(backdoor.body.id), revoked(foreign.body.id)]).toEqual([expect.any(String), null]);
});

test('somebody of a lesser role leaves no open invitation that they could not make now', async () => {
  const second = await createPerson(stack, { [tenant.id]: 'owner' });
  const [asOwner, asViewer] = [
    await invite(anyEmail(), 'owner', second.call),
    await invite(anyEmail(), 'viewer', second.call),
  ];
  const become = (role: string) => owner.call('PATCH', `/api/v1/tenants/${tenant.id}/members/${second.id}`, { role });
  expect((await become('admin')).status).toBe(200);
  const guest = await createPerson(stack);
  expectProblem(await accept(guest.call, asOwner.body.token), 404, 'not_found');
  const later = await invite(anyEmail(), 'member', second.call);
  expect((await accept(guest.call, asViewer.body.token)).status).toBe(200);
  expect((await become('member')).status).toBe(200);
  expectProblem(await accept((await createPerson(stack)).call, later.body.token), 404, 'not_found');
});
