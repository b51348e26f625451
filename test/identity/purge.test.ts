import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPerson, type Person } from '../api/people.ts';
import { expectProblem } from '../api/problem.ts';
import { connect, event } from '../connections/stripe.ts';
import { importer } from '../contacts/csv.ts';
import type { Json } from '../harness/client.ts';
import { messenger } from '../harness/messages.ts';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
});
afterAll(() => stack.close());

/** How many rows a tenant has in each table that has any, by the database's own catalogue. */
async function rowsOf(tenantId: number): Promise<Record<string, number>> {
  const tables = await stack.database.sql<{ name: string }>(
    `select table_name as name from information_schema.columns where table_schema = 'app' and column_name = 'tenant_id'`,
  );
  const all = tables.map(
    ({ name }) => `select '${name}' as name, count(*)::integer as rows from app.${name} where tenant_id = ${tenantId}`,
  );
  const counts = await stack.database.sql<{ name: string; rows: number }>(all.join(' union all '));
  return Object.fromEntries(counts.filter(({ rows }) => rows > 0).map(({ name, rows }) => [name, rows]));
}

async function ok(answer: Promise<{ status: number; text: string; body?: Json }>): Promise<Json> {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${text}`);
  return body;
}

/** Has a tenant do all that leaves rows, as its people, its application, a customer and Stripe do it. */
async function fill(tenant: TestTenant, owner: Person): Promise<void> {
  const path = `/api/v1/tenants/${tenant.id}`;
  const post = (to: string, body: object, headers = {}) => ok(tenant.call('POST', `/api/v1${to}`, body, headers));
  await ok(owner.call('POST', `${path}/invitations`, { email: 'guest@people.test', role: 'viewer' }));
  const { id: keyId } = await stack.tenants.makeKey(tenant.id);
  await ok(owner.call('POST', `${path}/api-keys/${keyId}/rotate`, { overlap_seconds: 0 }));

  const person = messenger(stack, tenant);
  const phone = anyPhone();
  const contact = await post(
    '/contacts',
    { phone_number: anyPhone(), email: 'ann@people.test', tags: ['vip'], opt_in: true },
    { 'idempotency-key': randomUUID() },
  );
  await ok(tenant.call('PATCH', `/api/v1/contacts/${contact.id}`, { phone_number: phone }));
  await post(`/contacts/${contact.id}/events`, { name: 'visited' });
  await person.writes(phone);
  await person.reaches(await person.planned({ contact_id: contact.id, text: 'Hello to you.' }), 'read');
  const files = importer(stack, tenant);
  await files.run('phone_number,first_name\n12,Nobody\n');

  const user = otpUser(stack, tenant);
  const { id, code } = await user.delivered(phone);
  await user.verify(phone, code);
  // Its statuses leave rows too, and would leave them after these are counted.
  await until(
    () => user.messages(id),
    ([message]) => message?.status === 'read',
  );
  const invoice = await post('/invoices', {
    invoice_number: randomUUID(),
    contact_id: contact.id,
    amount: '10.00',
    due_date: '2126-01-31',
    reminders: [{ days_before_due: 3, message_template: 'Invoice {invoice_number} is due soon for you.' }],
  });
  const account = await connect(stack, tenant);
  await account.tell(event('checkout.session.completed', account.session(invoice.id, 500)));
  // For an invoice that there is not: it is paid, and somebody has to look.
  await account.tell(event('checkout.session.completed', account.session(randomUUID(), 500)));
  await until(
    () => stack.database.sql('select from app.outbox where tenant_id = $1', [tenant.id]),
    (rows) => rows.length === 0,
  );
}

const deleteAt = async (tenant: TestTenant, owner: Person, interval: string): Promise<void> => {
  await ok(owner.call('DELETE', `/api/v1/tenants/${tenant.id}`));
  await stack.database.sql('update app.tenants set deleted_at = clock_timestamp() - $2::interval where id = $1', [
    tenant.id,
    interval,
  ]);
  await until(
    () =>
      stack.database.sql(
        `select from app.flows where tenant_id = $1 and status = 'running' union all
         select from app.outbox where tenant_id = $1`,
        [tenant.id],
      ),
    (rows) => rows.length === 0,
  );
};
/** The schedule does this each night; here it is done now. Answers what it has counted. */
async function purge(): Promise<Json> {
  const { workflow } = await stack.temporalClient();
  return workflow.execute('purgeTenants', { taskQueue: 'flows', workflowId: `purge-tenants-${randomUUID()}` });
}
const restore = (tenantId: number) => stack.tenants.asAdmin('POST', `/api/v1/tenants/${tenantId}/restore`);

test('31 days after its deletion all of a tenant is removed for good, and nothing of its neighbour', async () => {
  const [tenant, neighbour] = [await stack.tenants.make(), await stack.tenants.make()];
  const owner = await createPerson(stack, { [tenant.id]: 'owner', [neighbour.id]: 'member' });
  await fill(tenant, owner);
  await fill(neighbour, await createPerson(stack, { [neighbour.id]: 'owner' }));
  // What the API leaves rows in, but for those of a moment and those that take a mail or Stripe itself.
  const elsewhere = ['import_phones', 'mail_refusals', 'outbox', 'payment_pages'];
  const [filled, beside] = [await rowsOf(tenant.id), await rowsOf(neighbour.id)];
  const tables = Object.keys(filled).filter((name) => !elsewhere.includes(name));
  expect(tables.length).toBeGreaterThanOrEqual(29);
  const { slug } = await ok(owner.call('GET', `/api/v1/tenants/${tenant.id}`));

  await deleteAt(tenant, owner, '31 days');
  expectProblem(await restore(tenant.id), 409, 'restore_too_late');
  const purged = await purge();
  expect(purged).toEqual({ tenants: 1, rows: expect.any(Number), held: 0, failed: 0 });
  expect(purged.rows).toBeGreaterThan(tables.length);
  expect(await rowsOf(tenant.id)).toEqual({});
  const after = await rowsOf(neighbour.id);
  for (const [name, rows] of Object.entries(beside)) expect([name, after[name] ?? 0]).toEqual([name, rows]);
  expect((await neighbour.call('GET', '/api/v1/contacts')).body.data).toHaveLength(1);
  expect(await purge()).toEqual({ tenants: 0, rows: 0, held: 0, failed: 0 });

  // Its people stay, it does not come back, and its slug is free again.
  expectProblem(await restore(tenant.id), 410, 'tenant_purged');
  expectProblem(await stack.tenants.asAdmin('GET', `/api/v1/tenants/${tenant.id}`), 404, 'not_found');
  expectProblem(await tenant.call('GET', '/api/v1/flows'), 401, 'unauthenticated');
  expect((await owner.call('GET', '/api/v1/me')).body.tenants).toHaveLength(1);
  const again = await ok(owner.call('POST', '/api/v1/tenants', { name: 'Again', slug, plan: 'starter' }));
  expect(again.id).toBeGreaterThan(neighbour.id);
  expect(
    await stack.database.sql(
      `select p.id, p.removed::integer, p.purged_at - p.deleted_at > interval '31 days' as late from app.tenant_purges p`,
    ),
  ).toEqual([{ id: tenant.id, removed: purged.rows, late: true }]);
});

test('before its time a deleted tenant is restored whole, and not any more once its purge has begun', async () => {
  const tenant = await stack.tenants.make();
  const owner = await createPerson(stack, { [tenant.id]: 'owner' });
  await deleteAt(tenant, owner, '29 days 23 hours');
  const before = await rowsOf(tenant.id);
  expect(await purge()).toMatchObject({ tenants: 0, rows: 0 });
  expect((await restore(tenant.id)).status).toBe(200);
  expect(await rowsOf(tenant.id)).toEqual({ ...before, audit_log: (before['audit_log'] ?? 0) + 1 });

  await deleteAt(tenant, owner, '31 days');
  await stack.database.sql('select app.begin_tenant_purge($1)', [tenant.id]);
  // Whatever the clock says: its rows may be gone in part.
  await stack.database.sql(`update app.tenants set deleted_at = clock_timestamp() where id = $1`, [tenant.id]);
  expectProblem(await restore(tenant.id), 410, 'tenant_purged');
});

test('it is done each night, by a schedule that the processes make', async () => {
  const { schedule } = await stack.temporalClient();
  const { action, spec, state } = await schedule.getHandle('purge-tenants').describe();
  expect([action.type, 'workflowType' in action && action.workflowType]).toEqual(['startWorkflow', 'purgeTenants']);
  expect([state.paused, spec.calendars?.length]).toEqual([false, 1]);
});
