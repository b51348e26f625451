import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPerson, type Person } from '../api/people.ts';
import { expectProblem } from '../api/problem.ts';
import { reconcile } from '../flows/reconcile.ts';
import type { Json } from '../harness/client.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;
let owner: Person;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
});
beforeEach(async () => {
  tenant = await stack.tenants.make();
  owner = await createPerson(stack, { [tenant.id]: 'owner' });
});
afterAll(() => stack.close());

const path = () => `/api/v1/tenants/${tenant.id}`;
const flows = () =>
  stack.database.sql<{ id: string; kind: string; status: string }>(
    'select id, kind, status from app.flows where tenant_id = $1',
    [tenant.id],
  );
const restore = (call = stack.tenants.asAdmin) => call('POST', `${path()}/restore`);

/** A passcode, an invoice with a reminder, and a message for later: each with a workflow that runs. */
async function begin(): Promise<{ otp: Json; invoice: Json; phone: string }> {
  const phone = anyPhone();
  const otp = (await tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' })).body;
  await until(
    () => stack.messagesOn(phone),
    (list) => list.length === 1,
  );
  const contact = (await tenant.call('POST', '/api/v1/contacts', { phone_number: phone })).body;
  const invoice = await tenant.call('POST', '/api/v1/invoices', {
    invoice_number: randomUUID(),
    contact_id: contact.id,
    amount: '10.00',
    due_date: '2126-01-31',
    reminders: [{ days_before_due: 3, message_template: 'Invoice {invoice_number} is due soon for you.' }],
  });
  expect([invoice.status, invoice.text]).toEqual([201, expect.any(String)]);
  const { workflow } = await stack.temporalClient();
  for (const { kind, id } of await flows()) {
    await until(
      () =>
        workflow
          .getHandle(`${kind}/${tenant.id}/${id}`)
          .describe()
          .then(
            ({ status }) => status.name,
            () => 'none',
          ),
      (name) => name === 'RUNNING',
    );
  }
  return { otp, invoice: invoice.body, phone };
}

describe('a tenant that its owner deletes', () => {
  test('is gone at once: for its keys, its members and the platform admin, from lists and from paths', async () => {
    expect((await tenant.call('GET', '/api/v1/flows')).status).toBe(200);
    const answer = await owner.call('DELETE', path());
    expect([answer.status, answer.text]).toEqual([204, '']);
    expectProblem(await tenant.call('GET', '/api/v1/flows'), 401, 'unauthenticated');
    for (const call of [owner.call, stack.tenants.asAdmin]) {
      expectProblem(await call('GET', path()), 404, 'not_found');
      expectProblem(await call('DELETE', path()), 404, 'not_found');
      expectProblem(
        await call('GET', '/api/v1/flows', undefined, { 'x-tenant-id': String(tenant.id) }),
        404,
        'not_found',
      );
      const { data } = (await call('GET', `/api/v1/tenants?limit=100&cursor=${tenant.id - 1}`)).body;
      expect(data.map(({ id }: { id: number }) => id)).not.toContain(tenant.id);
    }
    expect((await owner.call('GET', '/api/v1/me')).body.tenants).toEqual([]);
  });

  test('lets nobody in by an invitation of before', async () => {
    const invitation = { email: 'guest@people.test', role: 'viewer' };
    const { token } = (await owner.call('POST', `${path()}/invitations`, invitation)).body;
    await owner.call('DELETE', path());
    const guest = await createPerson(stack);
    expectProblem(await guest.call('POST', '/api/v1/invitations/accept', { token }), 404, 'not_found');
  });

  test('has its flows end, in its rows as in Temporal, and nothing of them is sent any more', async () => {
    const { otp, invoice, phone } = await begin();
    await owner.call('DELETE', path());
    await until(flows, (rows) => rows.length === 2 && rows.every(({ status }) => status === 'cancelled'));
    const { workflow } = await stack.temporalClient();
    for (const id of [`otp/${tenant.id}/${otp.id}`, `invoice/${tenant.id}/${invoice.id}`]) {
      await until(
        async () => (await workflow.getHandle(id).describe()).status.name,
        (name) => name !== 'RUNNING',
      );
    }
    const [otpRow] = await stack.database.sql('select status from app.otps where id = $1', [otp.id]);
    expect(otpRow).toEqual({ status: 'cancelled' });
    const reminders = await stack.database.sql('select status, reason from app.reminders where invoice_id = $1', [
      invoice.id,
    ]);
    expect(reminders).toEqual([{ status: 'cancelled', reason: 'tenant_deleted' }]);
    const audited = await stack.database.sql(
      `select action, actor_type from app.audit_log
       where tenant_id = $1 and (action = 'tenant.delete' or reason = 'tenant_deleted') order by action`,
      [tenant.id],
    );
    expect(audited).toEqual([
      { action: 'invoice.cancelled', actor_type: 'system' },
      { action: 'otp.cancelled', actor_type: 'system' },
      { action: 'tenant.delete', actor_type: 'user' },
    ]);
    expect(await stack.messagesOn(phone)).toHaveLength(1);
  });

  test('has all of them end, however many they are, and Temporal told of each', async () => {
    await stack.database.sql(
      `insert into app.flows (tenant_id, id, kind, stage) select $1, gen_random_uuid(), 'message', 'waiting'
       from generate_series(1, 450)`,
      [tenant.id],
    );
    await owner.call('DELETE', path());
    await until(flows, (rows) => rows.length === 450 && rows.every(({ status }) => status === 'cancelled'));
    await until(
      () => stack.database.sql('select from app.outbox where tenant_id = $1', [tenant.id]),
      (rows) => rows.length === 0,
      { withinMs: 60_000 },
    );
  });

  test('has them end by the reconciler where the process that deleted it died', async () => {
    await begin();
    await stack.database.sql('update app.tenants set deleted_at = clock_timestamp() where id = $1', [tenant.id]);
    expect(await reconcile(stack)).toMatchObject({ deleted: 2 });
    expect((await flows()).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(await reconcile(stack)).toMatchObject({ deleted: 0 });
  });
});

describe('a platform admin', () => {
  test('undoes it: rows and members are there again, keys and flows are not', async () => {
    await begin();
    await owner.call('DELETE', path());
    expectProblem(await restore(owner.call), 403, 'forbidden');
    const restored = await restore();
    expect([restored.status, restored.body.id]).toEqual([200, tenant.id]);
    expect((await owner.call('GET', path())).body).toEqual(restored.body);
    expectProblem(await tenant.call('GET', '/api/v1/flows'), 401, 'unauthenticated');
    expect((await flows()).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    const { key } = await stack.tenants.makeKey(tenant.id);
    const invoices = await stack.call('GET', '/api/v1/invoices', undefined, { 'x-api-key': key });
    expect(invoices.body.data).toHaveLength(1);
  });

  test('can do so for 30 days, and not what is not deleted', async () => {
    expectProblem(await restore(), 409, 'tenant_not_deleted');
    await owner.call('DELETE', path());
    const age = (days: number) =>
      stack.database.sql(
        `update app.tenants set deleted_at = clock_timestamp() - make_interval(days => $2) where id = $1`,
        [tenant.id, days],
      );
    await age(31);
    expectProblem(await restore(), 409, 'restore_too_late');
    await age(29);
    expect((await restore()).status).toBe(200);
    expectProblem(await stack.tenants.asAdmin('POST', '/api/v1/tenants/999999/restore'), 404, 'not_found');
  });
});

test('a tenant is renamed by an admin and gets another plan from an owner, and a taken domain stays taken', async () => {
  const admin = await createPerson(stack, { [tenant.id]: 'admin' });
  const domain = `${randomUUID()}.example`;
  expect((await admin.call('PATCH', path(), { name: 'New', domain })).body).toMatchObject({ name: 'New', domain });
  expect((await admin.call('PATCH', path(), { domain })).status).toBe(200);
  const other = await stack.tenants.make();
  expectProblem(
    await stack.tenants.asAdmin('PATCH', `/api/v1/tenants/${other.id}`, { domain: domain.toUpperCase() }),
    409,
    'domain_taken',
  );
  expect((await admin.call('PATCH', path(), { domain: null })).body).toMatchObject({ name: 'New', domain: null });
  expectProblem(await admin.call('PUT', `${path()}/plan`, { plan: 'scale' }), 403, 'forbidden');
  expect((await owner.call('PUT', `${path()}/plan`, { plan: 'scale' })).body.plan).toBe('scale');
});
