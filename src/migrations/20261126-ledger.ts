import { Migration } from '@mikro-orm/migrations';
import {
  borrowSystemRole,
  returnSystemRole,
  SYSTEM_ROLE,
  systemAccess,
  systemFunction,
  tenantTable,
} from './tenant-table.ts';

const topic = (table: string, column = 'topic') =>
  `constraint ${table}__${column} check (${column} in ('transactional', 'reminders', 'marketing'))`;

const tenants = [
  // What a tenant has set of its own: quiet hours, frequency caps. What is absent has its default.
  `alter table app.tenants add column settings jsonb not null default '{}'`,
];

const channels = [
  `alter table app.channels
     add column display_phone text,
     -- Why and since when nothing leaves: the provider's error code, or none if a person paused it.
     add column pause_reason text,
     add column pause_code integer,
     add column paused_at timestamptz,
     add column throughput_per_second integer not null default 80
       constraint channels__throughput check (throughput_per_second between 1 and 1000)`,
  `grant select (status) on app.channels to ${SYSTEM_ROLE}`,
  // Whoever rotates the keys goes through the tenants; the secrets themselves are read as each of them.
  ...systemFunction(
    'tenants_with_channels()',
    'table (tenant_id integer)',
    'select distinct c.tenant_id from channels c order by c.tenant_id',
  ),
];

const flows = [
  `alter table app.flows
     add column contact_id uuid,
     add column waits_for_reply boolean not null default false,
     add constraint flows__contact foreign key (tenant_id, contact_id) references app.contacts (tenant_id, id)`,
  'create index flows__by_contact on app.flows (tenant_id, contact_id, id) where contact_id is not null',
];

const templates = [
  ...tenantTable('templates', {
    columns: [
      'channel_id uuid not null',
      'name text not null',
      'language text not null',
      `category text not null constraint templates__category
        check (category in ('authentication', 'utility', 'marketing'))`,
      `status text not null constraint templates__status
        check (status in ('draft', 'pending', 'approved', 'rejected', 'paused', 'disabled'))`,
      `origin text not null constraint templates__origin check (origin in ('compiled', 'submitted', 'provider'))`,
      // The text that it was made from, with its {placeholders}; null when it came as components.
      'source text',
      'components jsonb not null',
      // Of each numbered parameter of the body: {name, default?, example}.
      `parameters jsonb not null default '[]'`,
      'provider_id text',
      'reason text',
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
      'submitted_at timestamptz',
    ],
    unique: [['channel_id', 'name', 'language']],
    references: [{ column: 'channel_id', table: 'channels' }],
    privileges: ['select', 'insert', 'update'],
  }),
  `create index templates__drafts on app.templates (submitted_at) where status = 'draft'`,
  ...systemAccess('templates', { select: ['tenant_id', 'channel_id', 'status', 'created_at', 'submitted_at'] }),
  // Whose drafts nobody has brought to the provider, who waits longest first.
  ...systemFunction(
    'tenants_with_drafts(batch integer)',
    'table (tenant_id integer)',
    `select t.tenant_id from templates t
       join channels c on c.tenant_id = t.tenant_id and c.id = t.channel_id
     where t.status = 'draft' and c.status = 'active' and c.deleted_at is null
       and (t.submitted_at is null or t.submitted_at <= clock_timestamp() - interval '1 minute')
     group by t.tenant_id order by min(coalesce(t.submitted_at, t.created_at)) limit $1`,
  ),
];

const messages = [
  `alter table app.messages
     add column contact_id uuid,
     add column topic text,
     add column template_id uuid,
     add column priority smallint not null default 1,
     -- Who or what asked for it: {type, id, request_id?}. Ids only.
     add column cause jsonb not null default '{}',
     -- The instant that it was planned for, and what becomes of it when that has passed.
     add column planned_at timestamptz,
     add column catch_up text not null default 'drop'
       constraint messages__catch_up check (catch_up in ('drop', 'send_once', 'shift')),
     -- Why it waits, or why it ended as it did; and until when it waits.
     add column reason text,
     add column held_until timestamptz,
     -- Its place in the pace of the number, once it has one.
     add column slot_at timestamptz,
     add column claimed_at timestamptz,
     add column pricing jsonb,
     -- Hides recipient and text in the proof; both die on erase, their commitments stay.
     add column salt uuid default gen_random_uuid(),
     add column commitments jsonb,
     add constraint messages__contact foreign key (tenant_id, contact_id) references app.contacts (tenant_id, id),
     add constraint messages__template foreign key (tenant_id, template_id) references app.templates (tenant_id, id),
     add ${topic('messages')}`,
  'create index messages__by_contact on app.messages (tenant_id, contact_id, id) where contact_id is not null',
  `create index messages__recent on app.messages (tenant_id, contact_id, topic, claimed_at)
     where contact_id is not null and claimed_at is not null`,
  'create index messages__by_provider_id on app.messages (tenant_id, provider_id) where provider_id is not null',
  // Most messages are soon sent; a list of those that are not must not walk over all of them.
  `create index messages__unusual on app.messages (tenant_id, status, id)
     where status in ('queued', 'sending', 'unknown', 'failed', 'cancelled', 'expired')`,
  'create index messages__by_kind on app.messages (tenant_id, kind, id)',
  'create index messages__by_recipient on app.messages (tenant_id, recipient)',
];

const attempts = [
  ...tenantTable('message_attempts', {
    columns: [
      'message_id uuid not null',
      'n integer not null',
      'claimed_at timestamptz not null',
      'ended_at timestamptz not null default clock_timestamp()',
      `outcome text not null constraint message_attempts__outcome
        check (outcome in ('accepted', 'refused', 'ambiguous', 'not_sent', 'lapsed'))`,
      'code integer',
      'verdict text',
      'detail text',
      'run_id text',
    ],
    // A sender that was taken for dead may come back and say how it went: both are evidence.
    unique: [['message_id', 'n', 'outcome']],
    references: [{ column: 'message_id', table: 'messages' }],
    privileges: ['select', 'insert'],
  }),
];

const statuses = [
  // The SHA-256 of the webhook that said so. A repeat in another envelope is evidence of its own.
  `alter table app.message_statuses add column webhook_hash bytea not null default ''`,
  'drop index app.message_statuses__message_id_status',
  `create unique index message_statuses__once
     on app.message_statuses (tenant_id, message_id, status, webhook_hash)`,
];

/** The 24 hours in which a person who wrote may be answered with free text, by number and phone. */
const conversations = [
  ...tenantTable('conversations', {
    columns: [
      'channel_id uuid not null',
      'contact_id uuid',
      'phone text not null',
      'last_inbound_at timestamptz not null',
      'closes_at timestamptz not null',
    ],
    unique: [['channel_id', 'phone']],
    references: [
      { column: 'channel_id', table: 'channels' },
      { column: 'contact_id', table: 'contacts' },
    ],
    privileges: ['select', 'insert', 'update', 'delete'],
  }),
  'create index conversations__by_contact on app.conversations (tenant_id, contact_id) where contact_id is not null',
];

/** What a person has to look at. One open alert for each subject, however often it happens. */
const alerts = [
  ...tenantTable('alerts', {
    columns: [
      'kind text not null',
      'subject text not null',
      'channel_id uuid',
      'detail text not null',
      'occurrences integer not null default 1',
      'opened_at timestamptz not null default clock_timestamp()',
      'last_at timestamptz not null default clock_timestamp()',
      'resolved_at timestamptz',
    ],
    references: [{ column: 'channel_id', table: 'channels' }],
    privileges: ['select', 'insert', 'update'],
  }),
  `create unique index alerts__open on app.alerts (tenant_id, kind, subject) where resolved_at is null`,
];

export class Ledger extends Migration {
  override up(): void {
    for (const sql of [
      ...borrowSystemRole,
      ...tenants,
      ...channels,
      ...flows,
      ...templates,
      ...messages,
      ...attempts,
      ...statuses,
      ...conversations,
      ...alerts,
      ...returnSystemRole,
    ]) {
      this.addSql(sql);
    }
  }
}
