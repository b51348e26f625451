import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateApiKey } from '../../src/security/api-key.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { readCatalogue } from '../database/catalogue.ts';
import { expectProblem, fieldsOf } from './problem.ts';

let stack: Stack;
let tenant: TestTenant;
let path: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  tenant = await stack.tenants.make();
  path = `/api/v1/tenants/${tenant.id}/api-keys`;
});
afterAll(() => stack.close());

const use = (key: string) => stack.call('GET', '/api/v1/flows', undefined, { 'x-api-key': key });
const noted = async (id: string) =>
  (await stack.tenants.asAdmin('GET', path)).body.data.find((row: { id: string }) => row.id === id);

test('a key is shown once: no later answer and no row of the database has a trace of its secret', async () => {
  const { key, id, prefix } = await stack.tenants.makeKey(tenant.id);
  const [, , secret, checksum] = key.split('_');
  expect((await use(key)).status).toBe(200);

  const list = await stack.tenants.asAdmin('GET', path);
  expect(list.text).toContain(id);
  expect(list.text).toContain(prefix);
  for (const part of [secret, checksum]) expect(list.text).not.toContain(part);

  const everything: string[] = [];
  for (const { name } of await readCatalogue(stack.database.sql)) {
    const rows = await stack.database.sql<{ row: string }>(`select t::text as row from app.${name} t`);
    everything.push(...rows.map(({ row }) => row));
  }
  const dump = everything.join('\n');
  expect(dump).toContain(id);
  const digests = [key, secret].map((text) => createHash('sha256').update(text).digest('hex'));
  for (const trace of [secret, checksum, Buffer.from(secret).toString('hex'), ...digests]) {
    expect(dump).not.toContain(trace);
  }
});

test('making and revoking a key leaves who did it, and which fields, without their values', async () => {
  const { id } = await stack.tenants.makeKey(tenant.id, { name: 'canary-name' });
  await stack.tenants.asAdmin('DELETE', `${path}/${id}`);
  const rows = await stack.database.sql(
    `select action, actor_type, fields, request_id is not null as traced from app.audit_log
     where target_id = $1 order by at`,
    [id],
  );
  expect(rows).toEqual([
    { action: 'api_key.create', actor_type: 'user', fields: ['name', 'permissions', 'rate_limit'], traced: true },
    { action: 'api_key.revoke', actor_type: 'user', fields: ['revoked_at'], traced: true },
  ]);
  const [dump] = await stack.database.sql(`select string_agg(a::text, '') as text from app.audit_log a`);
  expect(dump?.['text']).not.toContain('canary-name');
});

test('a revoked key is worth nothing at the very next request, and to revoke it again is no error', async () => {
  const { key, id } = await stack.tenants.makeKey(tenant.id);
  expect((await use(key)).status).toBe(200);
  expect((await stack.tenants.asAdmin('DELETE', `${path}/${id}`)).status).toBe(204);
  expectProblem(await use(key), 401, 'unauthenticated');
  const { revoked_at } = await noted(id);
  expect((await stack.tenants.asAdmin('DELETE', `${path}/${id}`)).status).toBe(204);
  expect((await noted(id)).revoked_at).toBe(revoked_at);
});

test('a key ends when the clock of the database says so', async () => {
  const { key, id } = await stack.tenants.makeKey(tenant.id, { expires_at: '2126-01-01T00:00:00+01:00' });
  expect((await noted(id)).expires_at).toBe('2125-12-31T23:00:00.000Z');
  expect((await use(key)).status).toBe(200);
  await stack.database.sql(
    `update app.api_keys set expires_at = clock_timestamp() - interval '1 millisecond' where id = $1`,
    [id],
  );
  expectProblem(await use(key), 401, 'unauthenticated');
});

test('a key that would be born expired is not made', async () => {
  const body = { name: 'old', permissions: ['read'], expires_at: '2020-01-01T00:00:00Z' };
  const answer = await stack.tenants.asAdmin('POST', path, body);
  expectProblem(answer, 422, 'invalid_request');
  expect(fieldsOf(answer)).toEqual(['expires_at']);
});

test.each([
  ['9999-12-31T23:59:59.999-23:59', 422],
  ['0000-01-01T00:00:00Z', 422],
  ['1969-12-31T23:59:59Z', 422],
  ['9999-12-31T23:59:59.999Z', 201],
])('a key may end in any year that can be written: %s is %d', async (expires_at, status) => {
  const answer = await stack.tenants.asAdmin('POST', path, { name: 'late', permissions: ['read'], expires_at });
  expect(answer.status).toBe(status);
  if (status === 422) expect(fieldsOf(answer)).toEqual(['expires_at']);
  else expect(answer.body.expires_at).toBe(expires_at);
});

test('to know the public part of a key is not to have it: another secret under the same id is refused', async () => {
  const { id, key } = await stack.tenants.makeKey(tenant.id);
  const forged = generateApiKey();
  await stack.database.sql('update app.api_keys set key_id = $1 where id = $2', [forged.keyId, id]);
  expectProblem(await use(forged.key), 401, 'unauthenticated');
  expectProblem(await use(key), 401, 'unauthenticated');
  expect((await noted(id)).last_used_at).toBeNull();
});

test('the use of a key is noted', async () => {
  const { key, id } = await stack.tenants.makeKey(tenant.id);
  expect((await noted(id)).last_used_at).toBeNull();
  await use(key);
  expect((await noted(id)).last_used_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('a list is walked to its end, newest first, without a key missed or told twice', async () => {
  const made = [];
  const own = await stack.tenants.make();
  for (let i = 0; i < 6; i += 1) made.push((await stack.tenants.makeKey(own.id)).id);
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = `limit=3${cursor ? `&cursor=${cursor}` : ''}`;
    const page = await stack.tenants.asAdmin('GET', `/api/v1/tenants/${own.id}/api-keys?${query}`);
    expect(page.body.data.length).toBeLessThanOrEqual(3);
    seen.push(...page.body.data.map(({ id }: { id: string }) => id));
    cursor = page.body.next_cursor;
  }
  expect(seen).toEqual([...made.toReversed(), own.keyId]);
});
