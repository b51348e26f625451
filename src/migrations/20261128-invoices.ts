import { Migration } from '@mikro-orm/migrations';
import { tenantTable } from './tenant-table.ts';

const money = 'numeric(16, 4)';

const invoices = [
  ...tenantTable('invoices', {
    columns: [
      'invoice_number text not null',
      'contact_id uuid',
      `amount ${money} not null constraint invoices__amount check (amount > 0)`,
      'currency text not null',
      // What came in, and what of it went back: sums of its payments, kept beside them in the same transaction.
      `paid ${money} not null default 0`,
      `refunded ${money} not null default 0`,
      // A calendar day, whatever the zone, or an instant.
      'due_date date',
      'due_at timestamptz',
      'constraint invoices__due check ((due_date is null) <> (due_at is null))',
      // Its own zone, before the contact's and the tenant's.
      'timezone text',
      `status text not null constraint invoices__status
        check (status in ('draft', 'open', 'partially_paid', 'paid', 'void', 'uncollectible'))`,
      // Until the end of that day nothing reminds.
      'promised_for date',
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
      'paid_at timestamptz',
      'closed_at timestamptz',
    ],
    unique: [['invoice_number']],
    references: [{ column: 'contact_id', table: 'contacts' }],
    privileges: ['select', 'insert', 'update'],
  }),
  'create index invoices__by_status on app.invoices (tenant_id, status, id)',
  'create index invoices__by_contact on app.invoices (tenant_id, contact_id, id) where contact_id is not null',
];

const payments = [
  ...tenantTable('invoice_payments', {
    columns: [
      'invoice_id uuid not null',
      `kind text not null constraint invoice_payments__kind check (kind in ('payment', 'refund'))`,
      `amount ${money} not null constraint invoice_payments__amount check (amount > 0)`,
      // The payer's or the payment provider's own name for it: the same one counts once.
      'reference text',
      `source text not null constraint invoice_payments__source check (source in ('api', 'stripe', 'reply'))`,
      'paid_at timestamptz not null default clock_timestamp()',
      'created_at timestamptz not null default clock_timestamp()',
    ],
    unique: [['invoice_id', 'kind', 'reference']],
    references: [{ column: 'invoice_id', table: 'invoices' }],
    privileges: ['select', 'insert'],
  }),
];

const reminders = [
  ...tenantTable('reminders', {
    columns: [
      'invoice_id uuid not null',
      `reminder_type text not null constraint reminders__type check (reminder_type in ('due', 'overdue', 'custom'))`,
      // Before the due day; negative after it.
      'days_before_due integer not null',
      'business_days boolean not null default false',
      // Null for the time that the tenant has for all.
      `send_at_time text constraint reminders__time check (send_at_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$')`,
      'message_template text not null',
      'template_id uuid',
      `catch_up text not null constraint reminders__catch_up check (catch_up in ('drop', 'send_once', 'shift'))`,
      `status text not null default 'scheduled' constraint reminders__status
        check (status in ('scheduled', 'sending', 'sent', 'unknown', 'skipped', 'cancelled', 'missed', 'failed'))`,
      // When it leaves, and why then: [{reason, from, to}]. Null while nothing can be planned: a draft has no plan.
      'planned_at timestamptz',
      `shifts jsonb not null default '[]'`,
      // Where somebody has moved it to, by hand.
      'moved_to timestamptz',
      // Why it ended as it did, or why it waits.
      'reason text',
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
      'ended_at timestamptz',
    ],
    references: [
      { column: 'invoice_id', table: 'invoices' },
      { column: 'template_id', table: 'templates' },
    ],
    privileges: ['select', 'insert', 'update'],
  }),
  'create index reminders__by_invoice on app.reminders (tenant_id, invoice_id, planned_at, id)',
  // Two reminders that say the same at the same time are one too many.
  `create unique index reminders__once on app.reminders
     (tenant_id, invoice_id, days_before_due, business_days, coalesce(send_at_time, ''))
     where status in ('scheduled', 'sending')`,
];

/** What a person has stopped by hand, for every kind of flow: since when, and why. The audit log knows who. */
const flows = [
  `alter table app.flows
     add column paused_at timestamptz,
     add column pause_reason text`,
  // Why somebody did it, in that person's words.
  'alter table app.audit_log add column reason text',
];

export class Invoices extends Migration {
  override up(): void {
    for (const sql of [...invoices, ...payments, ...reminders, ...flows]) this.addSql(sql);
  }
}
