import { readFileSync } from 'node:fs';
import type { LedgerEntry } from '../../../src/sandbox/ledger.ts';
import type { Mail } from '../../../src/sandbox/mailboxes.ts';
import { mailDomain } from './tenant.ts';
import type { World } from './world.ts';

export type MessageRow = {
  tenant_id: number;
  id: string;
  /** `reminder:{id}`, with `:email` for the mail beside it, and `invoice:{id}:paid:email` for a receipt. */
  key: string;
  kind: string;
  flow_id: string | null;
  recipient: string;
  status: string;
  reason: string | null;
  error_code: number | null;
  held_until: Date | null;
  instead_of: string | null;
  channel_id: string;
  /** The last time that a sender took it, also where it went back to wait. */
  claimed_at: Date | null;
  attempts: { outcome: string; n: number }[];
  /** The provider's words about it. */
  told: string[];
};
export type OtpRow = {
  tenant_id: number;
  id: string;
  phone: string;
  status: string;
  asked: number;
  overdue: boolean;
  expires_at: Date;
};
export type FlowRow = { tenant_id: number; id: string; kind: string; status: string; outcome: string | null };
export type InvoiceRow = { id: string; status: string; amount: string; paid: string };
export type ReminderRow = {
  id: string;
  invoice_id: string;
  status: string;
  reason: string | null;
  planned_at: Date | null;
};
/** When something that ends the reminders of an invoice was committed. */
export type EndRow = { invoice_id: string; committed_at: Date };
export type PaymentRow = EndRow & { reference: string | null };

export type Rows = {
  /** When they were read, in milliseconds since 1970: what is due since then is not in them. */
  readAt: number;
  messages: MessageRow[];
  otps: OtpRow[];
  flows: FlowRow[];
  invoices: InvoiceRow[];
  reminders: ReminderRow[];
  payments: PaymentRow[];
  cancels: EndRow[];
  outbox: { id: string; flow_id: string; operation: string; attempts: number; parked: boolean }[];
  inbox: { id: string; attempts: number; parked: boolean }[];
  alerts: { id: string; kind: string; channel_id: string | null; open: boolean }[];
};

/** All rows of these tenants that say what became of a promise. */
export async function readRows({ sql }: World, tenantIds: number[]): Promise<Rows> {
  const readAt = Date.now();
  const [messages, otps, flows, invoices, reminders, payments, cancels, outbox, inbox, alerts] = await Promise.all([
    sql<MessageRow>(
      `select m.tenant_id, m.id, m.key, m.kind, m.flow_id, m.recipient, m.status, m.reason, m.error_code, m.held_until,
         m.content ->> 'instead_of' as instead_of, m.channel_id,
         greatest(m.claimed_at, (select max(a.claimed_at) from app.message_attempts a
          where a.tenant_id = m.tenant_id and a.message_id = m.id)) as claimed_at,
         (select coalesce(jsonb_agg(jsonb_build_object('outcome', a.outcome, 'n', a.n) order by a.n), '[]')
          from app.message_attempts a where a.tenant_id = m.tenant_id and a.message_id = m.id) as attempts,
         array (select distinct s.status from app.message_statuses s
          where s.tenant_id = m.tenant_id and s.message_id = m.id) as told
       from app.messages m where m.tenant_id = any ($1)`,
      [tenantIds],
    ),
    sql<OtpRow>(
      `select tenant_id, id, phone, status, expires_at, cardinality(asked_at) as asked,
         status = 'pending' and expires_at <= clock_timestamp() as overdue
       from app.otps where tenant_id = any ($1)`,
      [tenantIds],
    ),
    sql<FlowRow>('select tenant_id, id, kind, status, outcome from app.flows where tenant_id = any ($1)', [tenantIds]),
    sql<InvoiceRow>('select id, status, amount, paid from app.invoices where tenant_id = any ($1)', [tenantIds]),
    sql<ReminderRow>(
      'select id, invoice_id, status, reason, planned_at from app.reminders where tenant_id = any ($1)',
      [tenantIds],
    ),
    sql<PaymentRow>(
      `select invoice_id, reference, pg_xact_commit_timestamp(xmin) as committed_at
       from app.invoice_payments where tenant_id = any ($1)`,
      [tenantIds],
    ),
    sql<EndRow>(
      `select target_id as invoice_id, pg_xact_commit_timestamp(xmin) as committed_at
       from app.audit_log where action = 'flow.cancel' and tenant_id = any ($1)`,
      [tenantIds],
    ),
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
  return { readAt, messages, otps, flows, invoices, reminders, payments, cancels, outbox, inbox, alerts };
}

/** What the provider took, from its own disk: it can be away, or have been killed. */
export const readLedger = ({ ledgerFile }: World): LedgerEntry[] => readJournal(ledgerFile);

/** What its mail server took for the contacts of these tenants: a second ledger, which says nothing afterwards. */
export function readMails({ mailboxesFile }: World, tenantIds: number[]): Mail[] {
  const ours = new Set(tenantIds.map(mailDomain));
  return readJournal<Mail>(mailboxesFile).filter(({ to }) => ours.has(to.slice(to.indexOf('@') + 1)));
}

/** A line that is being written has no end yet, and nobody was told that it was accepted. */
function readJournal<T>(file: string): T[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as T);
}

/** Whatever was accepted, by the provider or a mailbox: the id of the message, as its sender named it, and to whom. */
export type Taken = { id: string | null; to: string };

export const takenOf = ({ ledger, mails }: { ledger: LedgerEntry[]; mails: Mail[] }): Taken[] => [
  ...ledger.map(({ opaque_id: id, to }) => ({ id, to })),
  ...mails.map(({ message_id, to }) => ({ id: /^<([^@>]+)@/.exec(message_id ?? '')?.[1] ?? null, to })),
];

/** The word that the provider is still to say last, or has said. */
export const lastWord = ({ plan }: LedgerEntry): string | undefined => plan.at(-1)?.status;
