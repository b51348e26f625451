import type { Pool } from 'pg';

/** As many as there are people to write to: a larger ledger is one of more people, not of longer histories. */
const MESSAGES_OF_A_CONTACT = 10;

type Place = { pool: Pool; tenantId: number };

/** Runs a statement outside of the application's role, beyond every tenant. */
export async function lay<Row>(pool: Pool, sql: string, values: unknown[]): Promise<Row[]> {
  await pool.query('set role none');
  const { rows } = await pool.query(sql, values);
  await pool.query('set role carillon_app');
  return rows as Row[];
}

/** Messages of the last ninety days, nearly all of them read; a few in doubt, and some that wait for their day. */
export async function fill({ pool, tenantId }: Place, count: number, round: number): Promise<void> {
  // With a cap, a claim looks back at what the contact has had.
  const caps = { frequency_caps: { transactional: { max: 1_000, per_hours: 720 } } };
  await lay(pool, 'update app.tenants set settings = $2 where id = $1', [tenantId, JSON.stringify(caps)]);
  await lay(
    pool,
    `insert into app.contacts (tenant_id, id, phone)
     select $1, uuidv7(), '+49160' || $3::int || lpad(i::text, 7, '0') from generate_series(1, $2::int) i`,
    [tenantId, count / MESSAGES_OF_A_CONTACT, round],
  );
  await lay(
    pool,
    `with person as (
       select id, phone, row_number() over () - 1 as n from app.contacts
       where tenant_id = $1 and phone like '+49160' || $3::int || '%'
     ), made as (
       insert into app.flows (tenant_id, id, kind, status, stage, ended_at, contact_id, next_action, next_action_at)
       select $1, uuidv7(age), case when dice < 0.1 then 'otp' else 'message' end,
         case when dice > 0.99 then 'running' else 'completed' end, 'ended', case when dice <= 0.99 then now() end, p.id,
         case when dice > 0.99 then 'send' end, case when dice > 0.99 then now() + interval '1 day' end
       from (
         select i, random() as dice, - random() * interval '90 days' as age from generate_series(1, $2::int) i
       ) new join person p on p.n = i % ($2::int / ${MESSAGES_OF_A_CONTACT})
       returning id, kind, status, contact_id
     )
     insert into app.messages (tenant_id, id, key, kind, flow_id, channel_id, recipient, contact_id, topic, status,
       planned_at, claimed_at, sent_at, settle_at, provider_id)
     select $1, made.id, made.kind || ':' || made.id, case made.kind when 'otp' then 'otp' else 'direct' end, made.id,
       c.id, p.phone, p.id, 'transactional', case when made.status = 'running' then 'queued'
         when random() < 0.005 then 'unknown' else 'read' end,
       at, case when made.status <> 'running' then at end, at, at + interval '10 seconds', made.id::text
     from made join person p on p.id = made.contact_id, uuid_extract_timestamp(made.id) at, app.channels c
     where c.tenant_id = $1`,
    [tenantId, count, round],
  );
  await lay(
    pool,
    `insert into app.message_statuses (tenant_id, id, message_id, status, at)
     select tenant_id, gen_random_uuid(), id, 'read', now() from app.messages
     where recipient like '+49160' || $1::int || '%'`,
    [round],
  );
  await lay(
    pool,
    `insert into app.message_attempts (tenant_id, id, message_id, n, claimed_at, outcome)
     select tenant_id, gen_random_uuid(), id, 1, claimed_at, 'accepted' from app.messages
     where recipient like '+49160' || $1::int || '%' and claimed_at is not null`,
    [round],
  );
  await tidy(pool);
}

/** Messages and passcodes that may leave at once, each to somebody else who has a history. */
export async function dueMessages({ pool, tenantId }: Place, count: number, round: number) {
  const rows = await lay<{ id: string; key: string; kind: string }>(
    pool,
    `with person as (
       select id, phone from app.contacts where tenant_id = $1 and phone like '+49160' || $3::int || '%'
       order by id limit $2
     ), open as (
       insert into app.conversations (tenant_id, id, channel_id, phone, last_inbound_at, closes_at)
       select $1, uuidv7(), c.id, p.phone, now(), now() + interval '1 day' from person p, app.channels c
       where c.tenant_id = $1
     ), flow as (
       insert into app.flows (tenant_id, id, kind, stage, contact_id)
       select $1, uuidv7(), kind, 'planned', p.id from person p, unnest(array ['message', 'otp']) kind
       returning id, kind, contact_id
     ), code as (
       insert into app.otps (tenant_id, id, phone, purpose, kid, code_mac, asked_at, expires_at, resend_available_at,
         locale)
       select $1, f.id, p.phone, 'bench', 'k1', '', '{}', now() + interval '1 hour', now(), 'en'
       from flow f join person p on p.id = f.contact_id where f.kind = 'otp'
     )
     insert into app.messages (tenant_id, id, key, kind, flow_id, channel_id, recipient, contact_id, topic, content,
       planned_at)
     select $1, f.id, f.kind || ':' || f.id, case f.kind when 'otp' then 'otp' else 'direct' end, f.id, c.id, p.phone,
       case f.kind when 'message' then p.id end, case f.kind when 'message' then 'transactional' end,
       '{"type": "text", "body": "Hello"}', now()
     from flow f join person p on p.id = f.contact_id, app.channels c where c.tenant_id = $1
     returning id, key, kind`,
    [tenantId, count, round],
  );
  return {
    messages: rows.filter(({ kind }) => kind === 'direct').map(({ id }) => id),
    passcodes: rows.filter(({ kind }) => kind === 'otp').map(({ key }) => key),
  };
}

export async function tidy(pool: Pool): Promise<void> {
  await pool.query('set role none');
  for (const name of ['messages', 'message_statuses', 'message_attempts', 'flows', 'contacts', 'send_buckets'])
    await pool.query(`vacuum (analyze) app.${name}`);
  await pool.query('set role carillon_app');
}
