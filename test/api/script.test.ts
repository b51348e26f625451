import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { codeIn, createStack, type Stack } from '../harness/stack.ts';
import type { TestProcess } from '../harness/process.ts';
import type { Json } from '../harness/client.ts';
import { until } from '../harness/until.ts';
import { expectPublished, readOpenApi } from './openapi-document.ts';

let stack: Stack;
let api: TestProcess;
let document: Json;

beforeAll(async () => {
  stack = await createStack();
  api = await stack.startApi();
  document = await readOpenApi(stack.call);
});
afterAll(() => stack.close());

test('a newcomer goes from signing in to a verified code with the five requests of the readme', async () => {
  const { call, admin } = stack;
  const login = await call('POST', '/api/v1/auth/login', { email: admin.email, password: admin.password });
  expectPublished(document, 'login', login);
  expect(login.body).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: 900,
    refresh_token: expect.any(String),
  });
  const asUser = { Authorization: `Bearer ${login.body.access_token}` };

  const company = {
    name: 'My First Customer',
    slug: 'customer-1',
    domain: 'customer1.whatsappagent.com',
    plan: 'starter',
  };
  const tenant = await call('POST', '/api/v1/tenants/', company, asUser);
  expectPublished(document, 'createTenant', tenant);
  expect([tenant.status, tenant.body]).toEqual([201, expect.objectContaining({ ...company, id: 1 })]);

  const wanted = { name: 'Main API Key', permissions: ['read', 'write'], rate_limit: 1000 };
  const key = await call('POST', '/api/v1/tenants/1/api-keys', wanted, asUser);
  expectPublished(document, 'createApiKey', key);
  expect([key.status, key.body]).toEqual([201, expect.objectContaining(wanted)]);
  const asShop = { 'X-Tenant-ID': '1', 'X-API-Key': key.body.key as string };

  const phone = '+1234567890';
  const sent = await call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' }, asShop);
  expectPublished(document, 'sendOtp', sent);
  expect([sent.status, sent.body.status, sent.body.attempts_remaining]).toEqual([202, 'pending', 5]);

  const [message] = await until(
    () => stack.messagesOn(phone),
    (list) => list.length > 0,
  );
  const code = codeIn(message);
  const verified = await call('POST', '/api/v1/otp/verify', { phone_number: phone, code, purpose: 'signup' }, asShop);
  expectPublished(document, 'verifyOtp', verified);
  expect(verified.body).toEqual({ verified: true, id: sent.body.id });

  const flow = await until(
    () => call('GET', `/api/v1/flows/${sent.body.id}`, undefined, asShop),
    ({ body }) => body.status === 'completed',
  );
  expectPublished(document, 'getFlow', flow);
  for (const [operation, path] of Object.entries({
    getTenant: '/api/v1/tenants/1',
    listTenants: '/api/v1/tenants',
    listApiKeys: '/api/v1/tenants/1/api-keys',
    getOtp: `/api/v1/otp/${sent.body.id}`,
    listFlows: '/api/v1/flows?kind=otp&limit=1',
    getFlowTimeline: `/api/v1/flows/${sent.body.id}/timeline`,
  })) {
    const headers = path.startsWith('/api/v1/tenants') ? asUser : asShop;
    expectPublished(document, operation, await call('GET', path, undefined, headers));
  }
  expectPublished(
    document,
    'revokeApiKey',
    await call('DELETE', `/api/v1/tenants/1/api-keys/${key.body.id}`, undefined, asUser),
  );

  // None of it is in the log of the process, which names the tenant and the requests.
  expect(api.output()).toContain('"tenant_id":1');
  expect(api.output()).toContain(sent.headers.get('x-request-id'));
  const [row] = await stack.database.sql<{ provider_id: string }>('select provider_id from app.messages');
  for (const secret of [
    phone.slice(1),
    code,
    key.body.key.split('_')[2],
    login.body.access_token,
    login.body.refresh_token,
    admin.password,
    admin.email,
    row?.provider_id ?? 'no provider id',
  ]) {
    expect(api.output()).not.toContain(secret);
  }
});

test('a refused tenant burns no id: the next one has the next number', async () => {
  const make = (slug: string, domain?: string) =>
    stack.tenants.asAdmin('POST', '/api/v1/tenants', { name: 'T', slug, plan: 'starter', domain });
  const first = await make('one-more');
  expect((await make('one-more')).body.code).toBe('slug_taken');
  expect((await make('another', 'customer1.whatsappagent.com')).body.code).toBe('domain_taken');
  expect((await make('Not A Slug')).body.code).toBe('invalid_request');
  expect((await make('the-next')).body.id).toBe(first.body.id + 1);
});

test('of several who ask for one slug at the same time exactly one gets it, and nobody an error of ours', async () => {
  const body = { name: 'T', slug: 'wanted', domain: 'wanted.example', plan: 'starter' };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => stack.tenants.asAdmin('POST', '/api/v1/tenants', body)),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(7).fill(409)]);
});
