import { readFileSync } from 'node:fs';
import type { LedgerEntry } from '../../../src/sandbox/ledger.ts';
import type { World } from './world.ts';

export type MessageRow = {
  tenant_id: number;
  id: string;
  kind: string;
  flow_id: string | null;
  recipient: string;
  status: string;
  reason: string | null;
  error_code: number | null;
  held_until: Date | null;
  instead_of: string | null;
  channel_id: string;
  attempts: { outcome: string; n: number }[];
  /** The provider's words about it. */
  told: string[];
};
export type OtpRow = { tenant_id: number; id: string; phone: string; status: string; asked: number; overdue: boolean };
export type FlowRow = { tenant_id: number; id: string; kind: string; status: string; outcome: string | null };

export type Rows = {
  messages: MessageRow[];
  otps: OtpRow[];
  flows: FlowRow[];
  outbox: { id: string; flow_id: string; operation: string; attempts: number; parked: boolean }[];
  inbox: { id: string; attempts: number; parked: boolean }[];
  alerts: { id: string; kind: string; channel_id: string | null; open: boolean }[];
};

/** All rows of these tenants that say what became of a promise. */
export async function readRows({ sql }: World, tenantIds: number[]): Promise<Rows> {
  const [messages, otps, flows, outbox, inbox, alerts] = await Promise.all([
    sql<MessageRow>(
      `select m.tenant_id, m.id, m.kind, m.flow_id, m.recipient, m.status, m.reason, m.error_code, m.held_until,
         m.content ->> 'instead_of' as instead_of, m.channel_id,
         (select coalesce(jsonb_agg(jsonb_build_object('outcome', a.outcome, 'n', a.n) order by a.n), '[]')
          from app.message_attempts a where a.tenant_id = m.tenant_id and a.message_id = m.id) as attempts,
         array (select distinct s.status from app.message_statuses s
          where s.tenant_id = m.tenant_id and s.message_id = m.id) as told
       from app.messages m where m.tenant_id = any ($1)`,
      [tenantIds],
    ),
    sql<OtpRow>(
      `select tenant_id, id, phone, status, cardinality(asked_at) as asked,
         status = 'pending' and expires_at <= clock_timestamp() as overdue
       from app.otps where tenant_id = any ($1)`,
      [tenantIds],
    ),
    sql<FlowRow>('select tenant_id, id, kind, status, outcome from app.flows where tenant_id = any ($1)', [tenantIds]),
    sql<Rows['outbox'][number]>(
      `select id, flow_id, operation, attempts, parked_at is not null as parked
       from app.outbox where tenant_id = any ($1)`,
      [tenantIds],
    ),
    sql<Rows['inbox'][number]>(
      `select id, attempts, parked_at is not null as parked from app.webhook_inbox
       where tenant_id = any ($1) and applied_at is null`,
      [tenantIds],
    ),
    sql<Rows['alerts'][number]>(
      'select id, kind, channel_id, resolved_at is null as open from app.alerts where tenant_id = any ($1)',
      [tenantIds],
    ),
  ]);
  return { messages, otps, flows, outbox, inbox, alerts };
}

/** What the provider took, from its own disk: it can be away, or have been killed. */
export function readLedger({ ledgerFile }: World): LedgerEntry[] {
  return readFileSync(ledgerFile, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LedgerEntry);
}

/** The word that the provider is still to say last, or has said. */
export const lastWord = ({ plan }: LedgerEntry): string | undefined => plan.at(-1)?.status;
