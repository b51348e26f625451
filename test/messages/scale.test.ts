import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;
const tables = ['messages', 'message_statuses', 'message_attempts', 'flows'];

/** A ledger of a hundred thousand messages to a thousand contacts, nearly all of them read. */
async function fill(tenantId: number): Promise<void> {
  const { sql } = stack.database;
  await sql(
    `insert into app.contacts (tenant_id, id, phone)
     select $1, gen_random_uuid(), '+4916' || (10000000 + i) from generate_series(1, 1000) i`,
    [tenantId],
  );
  await sql(
    `with person as (
       select id, phone, row_number() over () - 1 as n from app.contacts where tenant_id = $1
     ), made as (
       insert into app.flows (tenant_id, id, kind, status, stage, ended_at, contact_id)
       select $1, gen_random_uuid(), 'message', 'completed', 'ended', now(), p.id
       from generate_series(1, 100000) i join person p on p.n = i % 1000
       returning id, contact_id
     )
     insert into app.messages (tenant_id, id, key, kind, flow_id, channel_id, recipient, contact_id, topic, status,
       claimed_at, sent_at, provider_id)
     select $1, made.id, 'direct:' || made.id, 'direct', made.id, c.id, p.phone, p.id, 'transactional',
       case when random() < 0.995 then 'read' else 'unknown' end, now() - random() * interval '90 days', now(), made.id::text
     from made join person p on p.id = made.contact_id, app.channels c where c.tenant_id = $1`,
    [tenantId],
  );
  await sql(
    `insert into app.message_statuses (tenant_id, id, message_id, status, at)
     select tenant_id, gen_random_uuid(), id, 'read', now() from app.messages where tenant_id = $1`,
    [tenantId],
  );
  await sql(
    `insert into app.message_attempts (tenant_id, id, message_id, n, claimed_at, outcome)
     select tenant_id, gen_random_uuid(), id, 1, claimed_at, 'accepted' from app.messages where tenant_id = $1`,
    [tenantId],
  );
  for (const table of tables) await sql(`analyze app.${table}`);
}

beforeAll(async () => {
  stack = await createStack();
  const api = await stack.startApi();
  tenant = await stack.tenants.make();
  await api.stop();
  await fill(tenant.id);
}, 120_000);
afterAll(() => stack.close());

/** How often each table was read from one end to the other. The counters are complete once the process has gone. */
const walks = () =>
  stack.database.sql<{ relname: string; seq_scan: string }>(
    `select relname, seq_scan from pg_stat_user_tables where schemaname = 'app' and relname = any ($1) order by 1`,
    [tables],
  );

test('nothing that sends, lists, settles or sweeps walks over a ledger of 100,000 messages', async () => {
  await stack.database.sql('select pg_stat_force_next_flush()');
  const before = await walks();
  const api = await stack.startApi();
  const user = messenger(stack, tenant);
  const [contact] = await stack.database.sql<{ id: string; phone: string }>(
    'select id, phone from app.contacts where tenant_id = $1 limit 1',
    [tenant.id],
  );

  await user.settings({ frequency_caps: { transactional: { max: 1_000, per_hours: 720 } } });
  await user.writes(contact?.phone ?? '');
  const id = await user.planned({ contact_id: contact?.id, text: 'Hello' });
  await user.reaches(id, 'read');
  const { id: otp } = await otpUser(stack, tenant).delivered(anyPhone());
  for (const query of [
    '',
    'status=read',
    'status=unknown',
    'status=queued',
    'kind=direct',
    'kind=otp',
    `contact_id=${contact?.id}`,
    `flow_id=${id}`,
    `to=${encodeURIComponent(contact?.phone ?? '')}`,
  ]) {
    expect((await tenant.call('GET', `/api/v1/messages?limit=10&${query}`)).status).toBe(200);
  }
  for (const path of [`messages/${id}`, `messages/${id}/proof`, `flows/${id}/timeline`, `otp/${otp}`])
    expect((await tenant.call('GET', `/api/v1/${path}`)).status).toBe(200);
  for (const query of ['', 'kind=message', 'status=running', 'kind=otp&status=running'])
    expect((await tenant.call('GET', `/api/v1/flows?limit=10&${query}`)).status).toBe(200);
  const { schedule } = await stack.temporalClient();
  const reconciler = schedule.getHandle('reconcile');
  await reconciler.trigger();
  await until(
    () => reconciler.describe(),
    ({ info }) => info.recentActions.length > 0 && info.runningActions.length === 0,
  );
  await api.stop();

  expect(await walks()).toEqual(before);
}, 120_000);
