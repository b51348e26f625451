import type { Pool } from 'pg';

export type Row = { id: string; phone: string; code: string };

/** The whole of a passcode that has no workflow: one row, which is also the queue. */
export const createTable = (pool: Pool) =>
  pool.query(`create table if not exists passcodes (
      id uuid primary key,
      phone text not null,
      code text not null,
      status text not null default 'queued',
      leased_until timestamptz,
      expires_at timestamptz not null default now() + interval '5 minutes'
    );
    create index if not exists passcodes_queue on passcodes (id) where status in ('queued', 'sending');
    create index if not exists passcodes_open on passcodes (expires_at) where status in ('queued', 'sending', 'sent');
    create index if not exists passcodes_phone on passcodes (phone) where status in ('sending', 'sent');`);

export const insert = (pool: Pool, { id, phone, code }: Row) =>
  pool.query({
    name: 'insert',
    text: 'insert into passcodes (id, phone, code) values ($1, $2, $3)',
    values: [id, phone, code],
  });

export async function verify(pool: Pool, phone: string, code: string): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'verify',
    text: `update passcodes set status = 'verified'
      where phone = $1 and code = $2 and status in ('sending', 'sent') and expires_at > now()`,
    values: [phone, code],
  });
  return rowCount === 1;
}

/** The oldest that wait, and those of a worker that died. */
export async function lease(pool: Pool, count: number): Promise<Row[]> {
  const { rows } = await pool.query<Row>({
    name: 'lease',
    text: `update passcodes set status = 'sending', leased_until = now() + interval '10 seconds'
      where id in (
        select id from passcodes
        where status = 'queued' or (status = 'sending' and leased_until < now())
        order by id limit $1 for update skip locked
      ) returning id, phone, code`,
    values: [count],
  });
  return rows;
}

export const markSent = (pool: Pool, ids: string[]) =>
  pool.query({
    name: 'sent',
    text: `update passcodes set status = 'sent' where id = any ($1::uuid[]) and status = 'sending'`,
    values: [ids],
  });

export const sweep = (pool: Pool) =>
  pool.query({
    name: 'sweep',
    text: `update passcodes set status = 'expired'
      where status in ('queued', 'sending', 'sent') and expires_at < now()`,
  });
