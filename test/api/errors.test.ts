import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestProcess } from '../harness/process.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { expectProblem, fieldsOf } from './problem.ts';

let stack: Stack;
let api: TestProcess;
let tenant: TestTenant;
beforeAll(async () => {
  stack = await createStack();
  api = await stack.startApi('false');
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const send = (body: unknown, headers: Record<string, string> = {}) =>
  tenant.call('POST', '/api/v1/otp/send', body, headers);
const good = { phone_number: '+1234567890', purpose: 'signup' };

describe('a request that is well-formed but wrong', () => {
  test('learns of all its invalid and unknown fields at once', async () => {
    const answer = await send({ phone_number: '0123', purpose: 'Sign Up', client_ip: '1.2.3', locale: 7, more: 1 });
    expectProblem(answer, 422, 'invalid_request');
    expect(fieldsOf(answer)).toEqual(['client_ip', 'locale', 'more', 'phone_number', 'purpose']);
  });

  test('learns of the element of a list that is wrong', async () => {
    const body = { name: ' ', permissions: ['read', 'fly'], rate_limit: 0, expires_at: 'soon' };
    const answer = await stack.tenants.asAdmin('POST', `/api/v1/tenants/${tenant.id}/api-keys`, body);
    expectProblem(answer, 422, 'invalid_request');
    expect(fieldsOf(answer)).toEqual(['expires_at', 'name', 'permissions.1', 'rate_limit']);
  });

  test('has the parameters of its query checked as strictly', async () => {
    const answer = await tenant.call('GET', '/api/v1/flows?limit=0&kind=nothing&status=asleep&cursor=x&more=1');
    expectProblem(answer, 422, 'invalid_request');
    expect(fieldsOf(answer)).toEqual(['cursor', 'kind', 'limit', 'more', 'status']);
  });

  test.each(['/api/v1/otp/01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f', '/api/v1/tenants/1'])(
    'has no parameter that nobody asked for, also where none is known: %s',
    async (path) => {
      const answer = await tenant.call('GET', `${path.replace('tenants/1', `tenants/${tenant.id}`)}?more=1&other=2`);
      expectProblem(answer, 422, 'invalid_request');
      expect(fieldsOf(answer)).toEqual(['more', 'other']);
    },
  );

  test.each(['0x10', '1e1', '%2B10', '010', '10.0', '%2010'])(
    'whose limit is %s has no number there',
    async (limit) => {
      const answer = await tenant.call('GET', `/api/v1/flows?limit=${limit}`);
      expectProblem(answer, 422, 'invalid_request');
      expect(fieldsOf(answer)).toEqual(['limit']);
    },
  );

  test.each(['a\nb', 'a\tb', '\u001b[31mred', 'a\u007fb', 'a\u0085b'])(
    'has no control characters in a name: %j',
    async (name) => {
      const key = { name, permissions: ['read'] };
      for (const answer of [
        await stack.tenants.asAdmin('POST', `/api/v1/tenants/${tenant.id}/api-keys`, key),
        await stack.tenants.asAdmin('POST', '/api/v1/tenants', { name, slug: 'named', plan: 'starter' }),
      ]) {
        expectProblem(answer, 422, 'invalid_request');
        expect(fieldsOf(answer)).toEqual(['name']);
      }
      const contact = { phone_number: good.phone_number, first_name: name, last_name: name, tags: [name] };
      const answer = await tenant.call('POST', '/api/v1/contacts', contact);
      expectProblem(answer, 422, 'invalid_request');
      expect(fieldsOf(answer)).toEqual(['first_name', 'last_name', 'tags.0']);
    },
  );

  test.each([[[]], ['text'], [7], [null]])('whose body is %j and no object is told so', async (body) => {
    expectProblem(await send(JSON.stringify(body)), 422, 'invalid_request');
  });
});

describe('what does not exist', () => {
  test.each([
    '/',
    '/api/v1',
    '/api/v1/nothing',
    '/api/v2/flows',
    '/API/V1/nothing',
    '/docs-assets/../package.json',
    '/docs-assets/nothing.js',
  ])('the path %s is 404', async (path) => {
    expectProblem(await tenant.call('GET', path), 404, 'not_found');
  });

  test('a method that a path does not have is 405, and the answer names those that it has', async () => {
    const login = await tenant.call('PUT', '/api/v1/auth/login', good);
    expectProblem(login, 405, 'method_not_allowed');
    expect(login.headers.get('allow')).toBe('POST');
    const keys = await tenant.call('PATCH', `/api/v1/tenants/${tenant.id}/api-keys`, {});
    expectProblem(keys, 405, 'method_not_allowed');
    expect(keys.headers.get('allow')?.split(', ').toSorted()).toEqual(['GET', 'HEAD', 'POST']);
    // A contact could be changed, but `imports` is no id of one.
    const imports = await tenant.call('PATCH', '/api/v1/contacts/imports', {});
    expectProblem(imports, 405, 'method_not_allowed');
    expect(imports.headers.get('allow')).toBe('GET, HEAD');
    expectProblem(await tenant.call('PROPFIND', '/api/v1/flows'), 405, 'method_not_allowed');
  });

  test('an id of another kind, of another table or of nothing is 404', async () => {
    const asAdmin = stack.tenants.asAdmin;
    for (const id of ['1', 'abc', tenant.keyId, '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f', '{otp_id}', '%20']) {
      expectProblem(await tenant.call('GET', `/api/v1/otp/${id}`), 404, 'not_found');
      expectProblem(await tenant.call('GET', `/api/v1/flows/${id}`), 404, 'not_found');
      expectProblem(await tenant.call('POST', `/api/v1/otp/${id}/cancel`), 404, 'not_found');
    }
    const { id: own } = tenant;
    const disguised = [`${own}e0`, `0x${own.toString(16)}`, `0${own}`, `${own}.0`, `%20${own}`];
    for (const id of ['0', '-1', '1.5', '99999999999', 'abc', tenant.keyId, ...disguised]) {
      expectProblem(await asAdmin('GET', `/api/v1/tenants/${id}`), 404, 'not_found');
    }
    for (const id of ['1', 'abc', '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f']) {
      expectProblem(await asAdmin('DELETE', `/api/v1/tenants/${tenant.id}/api-keys/${id}`), 404, 'not_found');
    }
  });
});

describe('the request id', () => {
  test('is on every answer, and a UUID that the caller gave is kept', async () => {
    for (const path of ['/api/v1/flows', '/nothing', '/healthz', '/openapi.json', '/docs']) {
      expect((await tenant.call('GET', path)).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      for (const id of [randomUUID(), randomUUID().toUpperCase()]) {
        const answer = await tenant.call('GET', path, undefined, { 'x-request-id': id });
        expect(answer.headers.get('x-request-id')).toBe(id);
      }
    }
  });

  test.each(['short', '491511234567', 'caller.12_ID-1', `${randomUUID()}0`, `{${randomUUID()}}`, `a'; drop table`])(
    'that is anything else, which may be of a person, is replaced: %s',
    async (given) => {
      const answer = await send({ ...good, purpose: 'traced', more: 1 }, { 'x-request-id': given });
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(api.output()).not.toContain(given);
    },
  );
});
