import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { WebhookContent } from '../../src/adapters/whatsapp/types.ts';
import { refusalsStatement } from '../../src/services/contacts/refusals.ts';
import { inboundStatement } from '../../src/services/inbound/store.ts';
import { statusesStatement } from '../../src/services/messages/apply-statuses.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';

const ROWS = 20_000;
const tenantId = 1;
const [channelId, invoiceId] = [randomUUIDv7(), randomUUIDv7()];
let database: TestDatabase;
let app: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  const { sql } = database;
  await sql(`insert into app.tenants (id, name, slug, plan) overriding system value values ($1, 'T', 't', 'starter')`, [
    tenantId,
  ]);
  await sql(
    `insert into app.channels (tenant_id, id, type, name, sandbox, phone_number_id, waba_id, credentials, verification)
     values ($1, $2, 'whatsapp', 'c', true, '1', '1', '{}', '{}')`,
    [tenantId, channelId],
  );
  await sql(
    `insert into app.contacts (tenant_id, id, phone)
     select $1, gen_random_uuid(), '+49' || (1000000 + n) from generate_series(1, $2::int) n`,
    [tenantId, ROWS],
  );
  await sql(
    `insert into app.flows (tenant_id, id, kind, stage, contact_id)
     select $1, gen_random_uuid(), 'message', 'test', id from app.contacts`,
    [tenantId],
  );
  await sql(
    `insert into app.messages (tenant_id, id, key, kind, flow_id, channel_id, recipient, status, provider_id)
     select $1, id, 'k:' || id, 'direct', id, $2, '+4915100000000', 'sent', 'wamid.' || id from app.flows`,
    [tenantId, channelId],
  );
  await sql(
    `insert into app.webhook_inbox (tenant_id, id, channel_id, hash, applied_at)
     select $1, gen_random_uuid(), $2, sha256(n::text::bytea), case when n > 20 then now() end
     from generate_series(1, $3::int) n`,
    [tenantId, channelId, ROWS],
  );
  await sql(
    `insert into app.inbound_messages (tenant_id, id, channel_id, phone, provider_id, type, at)
     select $1, gen_random_uuid(), $2, phone, 'wamid.' || phone, 'text', now() from app.contacts`,
    [tenantId, channelId],
  );
  await sql(
    `insert into app.invoices (tenant_id, id, invoice_number, amount, currency, due_date, status)
     values ($1, $2, 'I1', 1, 'USD', '2031-03-10', 'open')`,
    [tenantId, invoiceId],
  );
  await sql(
    `insert into app.reminders (tenant_id, id, invoice_id, reminder_type, days_before_due, message_template, catch_up, status)
     select $1, gen_random_uuid(), $2, 'custom', n, 'x', 'drop', 'sent' from generate_series(1, $3::int) n`,
    [tenantId, invoiceId, ROWS],
  );
  await sql('analyze');
  app = new pg.Client({ connectionString: database.appUrl });
  await app.connect();
});
afterAll(async () => {
  await app.end();
  await database.close();
});

/** The tables that a plan reads from end to end, as the application that is bound to a tenant. */
async function scanned(text: string, values: unknown[]): Promise<string[]> {
  await app.query('begin');
  await app.query(`select set_config('app.tenant_id', $1, true)`, [String(tenantId)]);
  // A plan that is kept does not know the values.
  await app.query('set local plan_cache_mode = force_generic_plan');
  const { rows } = await app.query<{ 'QUERY PLAN': string }>({ text: `explain ${text}`, values });
  await app.query('rollback');
  return rows.flatMap((row) => /Seq Scan on (\w+)/.exec(row['QUERY PLAN'])?.[1] ?? []);
}

const small = ['channels'];
const never = (tables: string[]) => tables.filter((table) => !small.includes(table));

test('statuses are applied by index, by our id and by that of the provider', async () => {
  const [message] = await database.sql<{ id: string }>('select id from app.messages limit 1');
  const [webhook] = await database.sql<{ id: string }>('select id from app.webhook_inbox where applied_at is null');
  const status = { providerId: 'wamid.1', status: 'delivered', at: new Date(), phoneNumberId: '1' } as const;
  const content: WebhookContent = {
    statuses: [status, { ...status, messageId: message?.id ?? '' }],
    inbound: [],
    templates: [],
    preferences: [],
    unreadable: 0,
  };
  const judge = () => ({ verdict: 'never' }) as const;
  for (const durable of [true, false]) {
    const { text, values } = statusesStatement([{ id: webhook?.id ?? '', channelId, content }], { judge }, { durable });
    expect(never(await scanned(text, values))).toEqual([]);
  }
});

test('what people write is kept by index', async () => {
  expect(never(await scanned(inboundStatement.replace('?', '$1'), ['[]']))).toEqual([]);
});

test('what a person refused before is found by index', async () => {
  expect(never(await scanned(refusalsStatement.replace('?', '$1'), ['[]']))).toEqual([]);
});

test('what is left in the inbox, and what is past, are found by index', async () => {
  const due = `select id from app.webhook_inbox where applied_at is null and parked_at is null
    and received_at <= clock_timestamp() and (leased_until is null or leased_until <= clock_timestamp())
    order by id limit 50`;
  const past = `select id from app.webhook_inbox where received_at < clock_timestamp() - interval '8 days'
    and applied_at is not null order by received_at limit 1000`;
  for (const query of [due, past]) {
    const rows = await database.sql<{ 'QUERY PLAN': string }>(`explain ${query}`);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('Seq Scan');
  }
});
