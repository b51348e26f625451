import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { createPerson } from './people.ts';
import { expectProblem } from './problem.ts';

let stack: Stack;
let one: TestTenant;
let two: TestTenant;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  one = await stack.tenants.make();
  two = await stack.tenants.make();
});
afterAll(() => stack.close());

const audited = () =>
  stack.database.sql(
    `select tenant_id, actor_type, actor_id, target_id, request_id from app.audit_log
     where action = 'access.tenant_mismatch' order by at`,
  );

describe('with an API key', () => {
  test('X-Tenant-ID may be left out or be the tenant of the key', async () => {
    expect((await one.call('GET', '/api/v1/flows')).status).toBe(200);
    expect((await one.call('GET', '/api/v1/flows', undefined, { 'x-tenant-id': String(one.id) })).status).toBe(200);
    expect(await audited()).toEqual([]);
  });

  test('another tenant in X-Tenant-ID is refused, and the tenant of the key can read that it was tried', async () => {
    const claims = [String(two.id), '999999', 'abc', `${one.id} or 1=1`];
    const answers: Answer[] = [];
    for (const claim of claims)
      answers.push(await one.call('GET', '/api/v1/flows', undefined, { 'x-tenant-id': claim }));
    for (const answer of answers) expectProblem(answer, 403, 'tenant_mismatch');
    expect(await audited()).toEqual(
      [String(two.id), '999999', 'malformed', 'malformed'].map((target_id, i) => ({
        tenant_id: one.id,
        actor_type: 'api_key',
        actor_id: one.keyId,
        target_id,
        request_id: answers[i]?.headers.get('x-request-id'),
      })),
    );
  });

  test('another tenant in the path does not exist', async () => {
    expectProblem(await one.call('GET', `/api/v1/tenants/${two.id}`), 404, 'not_found');
    expectProblem(await one.call('GET', '/api/v1/tenants/999999'), 404, 'not_found');
  });
});

describe('a user', () => {
  const flows = (person: { call: Stack['call'] }, tenantId?: number | string) =>
    person.call('GET', '/api/v1/flows', undefined, tenantId === undefined ? {} : { 'x-tenant-id': String(tenantId) });

  test('of one tenant need not name it, one of several must', async () => {
    const single = await createPerson(stack, { [one.id]: 'viewer' });
    expect((await flows(single)).status).toBe(200);
    const several = await createPerson(stack, { [one.id]: 'viewer', [two.id]: 'viewer' });
    expectProblem(await flows(several), 400, 'malformed_request');
    expect((await flows(several, one.id)).status).toBe(200);
    expect((await flows(several, two.id)).status).toBe(200);
  });

  test('without a membership finds no tenant, whether there is one or not', async () => {
    const stranger = await createPerson(stack, { [two.id]: 'owner' });
    for (const id of [one.id, 999_999, 'abc', '0', '99999999999']) {
      expectProblem(await flows(stranger, id), 404, 'not_found');
    }
    expectProblem(await stranger.call('GET', `/api/v1/tenants/${one.id}`), 404, 'not_found');
    expectProblem(await stranger.call('GET', `/api/v1/tenants/${one.id}/api-keys`), 404, 'not_found');
    expect((await stranger.call('GET', '/api/v1/tenants')).body.data).toEqual([
      expect.objectContaining({ id: two.id }),
    ]);
  });

  test('who makes a tenant owns it, and the platform admin manages it without being a member', async () => {
    const maker = await createPerson(stack);
    const made = await maker.call('POST', '/api/v1/tenants', { name: 'Own', slug: 'own', plan: 'growth' });
    const keys = `/api/v1/tenants/${made.body.id}/api-keys`;
    const body = { name: 'k', permissions: ['read'] };
    expect((await maker.call('POST', keys, body)).status).toBe(201);
    expect((await stack.tenants.asAdmin('POST', keys, body)).status).toBe(201);
    expect((await stack.tenants.asAdmin('GET', keys)).body.data).toHaveLength(2);
    const all = await stack.tenants.asAdmin('GET', '/api/v1/tenants?limit=100');
    expect(all.body.data.map(({ id }: { id: number }) => id)).toEqual([one.id, two.id, made.body.id]);
    const members = await stack.database.sql('select user_id, role from app.memberships where tenant_id = $1', [
      made.body.id,
    ]);
    expect(members).toEqual([{ user_id: maker.id, role: 'owner' }]);
  });
});

test('a deleted tenant is there for nobody: not its keys, not its owner, not the platform admin', async () => {
  const gone = await stack.tenants.make();
  const owner = await createPerson(stack, { [gone.id]: 'owner' });
  await stack.database.sql('update app.tenants set deleted_at = clock_timestamp() where id = $1', [gone.id]);
  expectProblem(await gone.call('GET', '/api/v1/flows'), 401, 'unauthenticated');
  expectProblem(await owner.call('GET', `/api/v1/tenants/${gone.id}`), 404, 'not_found');
  expectProblem(await stack.tenants.asAdmin('GET', `/api/v1/tenants/${gone.id}`), 404, 'not_found');
  expect((await owner.call('GET', '/api/v1/tenants')).body.data).toEqual([]);
});
