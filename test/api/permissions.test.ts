import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anyPhone, createStack, type Call, type Stack, type TestTenant } from '../harness/stack.ts';
import { createPerson } from './people.ts';
import { expectProblem } from './problem.ts';

let stack: Stack;
let tenant: TestTenant;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

/** What each request of a short tour answers. */
async function tour(call: Call, tenantId: number): Promise<Record<string, number>> {
  const keys = `/api/v1/tenants/${tenantId}/api-keys`;
  const spare = (await stack.tenants.makeKey(tenantId)).id;
  const sent = await tenant.call('POST', '/api/v1/otp/send', { phone_number: anyPhone(), purpose: 'tour' });
  const steps: [string, string, string, object?][] = [
    ['show tenant', 'GET', `/api/v1/tenants/${tenantId}`],
    ['list flows', 'GET', '/api/v1/flows'],
    ['show code', 'GET', `/api/v1/otp/${sent.body.id}`],
    ['send code', 'POST', '/api/v1/otp/send', { phone_number: anyPhone(), purpose: 'tour' }],
    ['cancel code', 'POST', `/api/v1/otp/${sent.body.id}/cancel`],
    ['list keys', 'GET', keys],
    ['make key', 'POST', keys, { name: 'more', permissions: ['read'] }],
    ['revoke key', 'DELETE', `${keys}/${spare}`],
  ];
  const answers: Record<string, number> = {};
  for (const [name, method, path, body] of steps) answers[name] = (await call(method, path, body)).status;
  return answers;
}

const noKeys = { 'list keys': 403, 'make key': 403, 'revoke key': 403 };
const reads = { 'show tenant': 200, 'list flows': 200, 'show code': 200 };
const readsNot = { 'show tenant': 403, 'list flows': 403, 'show code': 403 };
const writes = { 'send code': 202, 'cancel code': 200 };
const writesNot = { 'send code': 403, 'cancel code': 403 };

describe('an API key', () => {
  test.each([
    [['read'], { ...reads, ...writesNot, ...noKeys }],
    [['write'], { ...readsNot, ...writes, ...noKeys }],
    [['read', 'write'], { ...reads, ...writes, ...noKeys }],
    [['otp:write'], { ...readsNot, ...writes, ...noKeys }],
    [['otp:read'], { ...readsNot, 'show code': 200, ...writesNot, ...noKeys }],
    [['flows:read', 'invoices:write'], { ...readsNot, 'list flows': 200, ...writesNot, ...noKeys }],
  ])('with %j may do just that, and never make or end keys', async (permissions, expected) => {
    const { key } = await stack.tenants.makeKey(tenant.id, { permissions });
    const call: Call = (method, path, body) => stack.call(method, path, body, { 'x-api-key': key });
    expect(await tour(call, tenant.id)).toEqual(expected);
  });

  test.each([[['admin']], [['read', 'otp:*']], [['tenants:delete']], [[]], [['READ']]])(
    'cannot be given %j',
    async (permissions) => {
      const body = { name: 'more', permissions };
      expectProblem(
        await stack.tenants.asAdmin('POST', `/api/v1/tenants/${tenant.id}/api-keys`, body),
        422,
        'invalid_request',
      );
    },
  );
});

describe('a member', () => {
  const keys = { 'list keys': 200, 'make key': 201, 'revoke key': 204 };
  test.each([
    ['viewer', { ...reads, ...writesNot, ...noKeys }],
    ['member', { ...reads, ...writes, ...noKeys }],
    ['admin', { ...reads, ...writes, ...keys }],
    ['owner', { ...reads, ...writes, ...keys }],
  ])('who is %s may do what the role says', async (role, expected) => {
    const person = await createPerson(stack, { [tenant.id]: role });
    expect(await tour(person.call, tenant.id)).toEqual(expected);
  });

  test('whose role changes has the new one at the next request, with the same token', async () => {
    const person = await createPerson(stack, { [tenant.id]: 'admin' });
    const list = () => person.call('GET', `/api/v1/tenants/${tenant.id}/api-keys`);
    expect((await list()).status).toBe(200);
    await stack.database.sql(`update app.memberships set role = 'viewer' where user_id = $1`, [person.id]);
    expectProblem(await list(), 403, 'forbidden');
    await stack.database.sql('delete from app.memberships where user_id = $1', [person.id]);
    expectProblem(await list(), 404, 'not_found');
  });
});
