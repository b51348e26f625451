import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Scope } from '../../src/context.ts';
import { createOrm, nativePool, type Orm } from '../../src/database.ts';
import { listAlerts } from '../../src/services/alerts/list.ts';
import { listApiKeys } from '../../src/services/api-keys/list.ts';
import { listEvents } from '../../src/services/contacts/events.ts';
import { listContacts } from '../../src/services/contacts/get.ts';
import { listFlows } from '../../src/services/flows/get.ts';
import { listImports } from '../../src/services/imports/get.ts';
import { listInvitations } from '../../src/services/invitations/list.ts';
import { listInvoices } from '../../src/services/invoices/get.ts';
import { listMembers } from '../../src/services/members/list.ts';
import { listMessages } from '../../src/services/messages/get.ts';
import { listTemplates } from '../../src/services/templates/get.ts';
import { listTenants } from '../../src/services/tenants/get.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';

/** Of each list. Beside this tenant there is one with a tenth of them. */
const ROWS = 100_000;
const LIMIT = 50;
/** How many rows a page may read, with those that its filter throws away: more is a walk over the table. */
const MOST = 10 * LIMIT;

let database: TestDatabase;
let orm: Orm;
let scope: Scope;
/** What Postgres has told of the statements that ran, each with its plan. */
let plans: { 'Query Text': string; Plan: Plan }[] = [];
const some = { contact: randomUUIDv7(), flow: randomUUIDv7(), channel: randomUUIDv7(), admin: '', user: '' };

type Plan = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Plan[];
};

/** Ids in the order of time, as the product makes them, a millisecond apart. */
const id = (n: string) =>
  `(lpad(to_hex(1700000000000 + ${n}), 12, '0') || '7000' || '8' || substr(md5(${n}::text || t.id), 1, 15))::uuid`;

async function fill(): Promise<void> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  // Nobody asks whether the rows are in order: without foreign keys and triggers they are there in seconds.
  await client.query('set session_replication_role = replica');
  const sql = (text: string, values: unknown[] = []) => client.query(text, values);
  await sql(`insert into app.tenants (id, name, slug, plan) overriding system value
    values (1, 'A', 'a', 'starter'), (2, 'B', 'b', 'starter')`);
  await sql(
    `insert into app.channels (tenant_id, id, type, name, sandbox, phone_number_id, waba_id, credentials, verification)
     select t.id, case when t.id = 1 then $1::uuid else gen_random_uuid() end, 'whatsapp', 'c', true, t.id::text, '1', '{}', '{}'
     from app.tenants t`,
    [some.channel],
  );
  const each = `from app.tenants t, generate_series(1, case t.id when 1 then ${ROWS} else ${ROWS / 10} end) n`;
  await sql(`insert into app.contacts (tenant_id, id, phone, email, tags, deleted_at)
    select t.id, ${id('n')}, '+49' || (15000000 + n), 'p' || n || '@example.com',
      case when n % 50000 = 0 then '{vip}'::text[] else '{}' end, case when n % 2 = 0 then null else now() end ${each}`);
  await sql(`insert into app.contacts (tenant_id, id, phone) values (1, $1, '+4930123456')`, [some.contact]);
  await sql(
    `insert into app.contact_events (tenant_id, id, contact_id, name, at)
    select 1, ${id('n')}, $1, case when n % 40000 = 0 then 'rare' else 'usual' end, now()
    from app.tenants t, generate_series(1, ${ROWS}) n where t.id = 1`,
    [some.contact],
  );
  await sql(`insert into app.flows (tenant_id, id, kind, stage, status, outcome, ended_at)
    select t.id, ${id('n')}, case when n < 10 then 'invoice' else 'otp' end, 'x',
      case when n % 30000 = 0 then 'failed' else 'completed' end, 'x', now() ${each}`);
  await sql(`insert into app.flows (tenant_id, id, kind, stage) values (1, $1, 'message', 'x')`, [some.flow]);
  await sql(`insert into app.messages (tenant_id, id, key, kind, channel_id, recipient, status)
    select t.id, ${id('n')}, 'k' || n, case when n < 10 then 'direct' else 'otp' end, c.id, '+49' || (15000000 + n),
      case when n < 5 then 'failed' when n < 30 then 'sent' else 'read' end
    ${each}, app.channels c where c.tenant_id = t.id`);
  await sql(
    `insert into app.invoices (tenant_id, id, invoice_number, amount, currency, due_date, status, contact_id)
    select t.id, ${id('n')}, 'I' || n, 1, 'USD', '2031-03-10', case when n < 5 then 'void' else 'open' end,
      case when t.id = 1 and n = 7 then $1::uuid end ${each}`,
    [some.contact],
  );
  await sql(`insert into app.alerts (tenant_id, id, kind, subject, detail, resolved_at)
    select t.id, ${id('n')}, 'k', 's' || n, 'd', case when n < 5 then null else now() end ${each}`);
  await sql(`insert into app.templates (tenant_id, id, channel_id, name, language, category, origin, status, components)
    select t.id, ${id('n')}, c.id, 'n' || n, 'en', 'utility', 'compiled', case when n < 5 then 'rejected' else 'approved' end, '[]'
    ${each}, app.channels c where c.tenant_id = t.id`);
  await sql(`insert into app.api_keys (tenant_id, id, key_id, name, mac, permissions, rate_limit)
    select t.id, ${id('n')}, 'k' || n || '-' || t.id, 'k', '', '{read}', 1 ${each}`);
  await sql(`insert into app.invitations (tenant_id, id, email, role, token_hash, invited_by, expires_at)
    select t.id, ${id('n')}, 'p' || n || '@example.com', 'viewer', sha256((t.id || '/' || n)::text::bytea),
      gen_random_uuid(), now() ${each}`);
  await sql(`insert into app.users (id, email, name, password_hash, platform_admin)
    select ${id('n')}, 'p' || n || '@example.com', 'p', '', n = 1 ${each} where t.id = 1`);
  await sql(`insert into app.memberships (tenant_id, id, user_id, role)
    select 1, u.id, u.id, 'viewer' from app.users u where not u.platform_admin`);
  // Of somebody else each, but for the last one.
  await sql(
    `insert into app.tenants (id, name, slug, plan) select n, 'T', 't' || n, 'starter' from generate_series(3, ${ROWS}) n`,
  );
  await sql(`insert into app.memberships (tenant_id, id, user_id, role)
    select t.id, u.id, u.id, 'owner'
    from app.tenants t join (select *, row_number() over (order by id) as n from app.users) u on u.n = t.id - 1
    where t.id > 2`);
  const [admin, user] = (
    await sql('select id from app.users where email in ($1, $2) order by platform_admin desc', [
      'p1@example.com',
      'p10@example.com',
    ])
  ).rows;
  Object.assign(some, { admin: admin.id, user: user.id });
  await sql('analyze');
  await client.end();
}

beforeAll(async () => {
  database = await createDatabase();
  await fill();
  const { pathname } = new URL(database.appUrl);
  for (const setting of [
    `session_preload_libraries = 'auto_explain'`,
    'auto_explain.log_min_duration = 0',
    'auto_explain.log_analyze = on',
    'auto_explain.log_timing = off',
    'auto_explain.log_nested_statements = on',
    `auto_explain.log_format = 'json'`,
    `auto_explain.log_level = 'notice'`,
    `client_min_messages = 'notice'`,
  ])
    await database.sql(`alter database ${pathname.slice(1)} set ${setting}`);
  orm = await createOrm({ database: { url: database.appUrl, poolSize: 2 } } as never);
  (await nativePool(orm)).on('connect', (client) => {
    client.on('notice', ({ message = '' }) => {
      const json = message.slice(message.indexOf('{'));
      if (message.includes('plan:')) plans.push(JSON.parse(json));
    });
  });
  scope = {
    deps: { orm, pool: await nativePool(orm) },
    tenantId: 1,
    actor: { type: 'system', id: 'test' },
  } as unknown as Scope;
}, 120_000);
afterAll(async () => {
  await orm.close();
  await database.close();
});

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
const readBy = (node: Plan): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
  node['Actual Loops'];

const middle = '018bcfe5-b300-7000-8000-000000000000';
const lists: Record<string, () => Promise<unknown>> = {
  contacts: () => listContacts(scope, { limit: LIMIT }),
  'contacts, from the middle on': () => listContacts(scope, { limit: LIMIT, cursor: middle }),
  'contacts by phone': () => listContacts(scope, { limit: LIMIT, phone: '+4915000010' }),
  'contacts by e-mail': () => listContacts(scope, { limit: LIMIT, email: 'P10@example.com' }),
  'contacts by tag': () => listContacts(scope, { limit: LIMIT, tag: 'vip' }),
  'contacts who said yes': () => listContacts(scope, { limit: LIMIT, optedIn: 'marketing' }),
  'events of a contact': () => listEvents(scope, some.contact, { limit: LIMIT }),
  'events of a contact by name': () => listEvents(scope, some.contact, { limit: LIMIT, name: 'rare' }),
  flows: () => listFlows(scope, { limit: LIMIT }),
  'flows by kind': () => listFlows(scope, { limit: LIMIT, kind: 'invoice' }),
  'flows by status': () => listFlows(scope, { limit: LIMIT, status: 'failed' }),
  'flows by kind and status': () => listFlows(scope, { limit: LIMIT, kind: 'otp', status: 'failed' }),
  messages: () => listMessages(scope, { limit: LIMIT }),
  'messages by kind': () => listMessages(scope, { limit: LIMIT, kind: 'direct' }),
  'messages by an unusual status': () => listMessages(scope, { limit: LIMIT, status: 'failed' }),
  'messages by a status that few have': () => listMessages(scope, { limit: LIMIT, status: 'sent' }),
  'messages to a phone': () => listMessages(scope, { limit: LIMIT, to: '+4915000010' }),
  'messages of a contact': () => listMessages(scope, { limit: LIMIT, contactId: some.contact }),
  'messages of a flow': () => listMessages(scope, { limit: LIMIT, flowId: some.flow }),
  invoices: () => listInvoices(scope, { limit: LIMIT }),
  'invoices by status': () => listInvoices(scope, { limit: LIMIT, status: 'void' }),
  'invoices of a contact': () => listInvoices(scope, { limit: LIMIT, contactId: some.contact }),
  'an invoice by its number': () => listInvoices(scope, { limit: LIMIT, invoiceNumber: 'I5' }),
  alerts: () => listAlerts(scope, { limit: LIMIT }),
  'alerts that are open': () => listAlerts(scope, { limit: LIMIT, open: true }),
  'alerts that are not': () => listAlerts(scope, { limit: LIMIT, open: false }),
  templates: () => listTemplates(scope, { limit: LIMIT }),
  'templates by status': () => listTemplates(scope, { limit: LIMIT, status: 'rejected' }),
  'templates of a channel': () => listTemplates(scope, { limit: LIMIT, channelId: some.channel }),
  'API keys': () => listApiKeys(scope, { limit: LIMIT }),
  members: () => listMembers(scope, { limit: LIMIT }),
  invitations: () => listInvitations(scope, { limit: LIMIT }),
  'tenants of a user': () => listTenants(scope.deps, some.user, { after: 0, limit: LIMIT }),
  'tenants for a platform admin': () => listTenants(scope.deps, some.admin, { after: ROWS / 2, limit: LIMIT }),
  imports: () => listImports(scope, { limit: LIMIT }),
};

test.each(Object.entries(lists))('%s: a page reads no more than it shows, beside 100,000 rows', async (_, list) => {
  plans = [];
  await list();
  expect(plans.length).toBeGreaterThan(0);
  for (const { Plan: plan, 'Query Text': text } of plans) {
    const walks = nodesOf(plan)
      .filter((node) => node['Relation Name'] !== undefined && readBy(node) > MOST)
      .map((node) => `${node['Node Type']} of ${node['Relation Name']} reads ${readBy(node)} rows: ${text}`);
    expect(walks).toEqual([]);
  }
});
