import { Migration } from '@mikro-orm/migrations';
import { tenantTable } from './tenant-table.ts';

/** A channel is a WhatsApp number or a mail server; each has its own columns, and none of the other's. */
const channels = [
  'alter table app.channels drop constraint channels__type',
  `alter table app.channels
     alter column phone_number_id drop not null,
     alter column waba_id drop not null,
     alter column verification drop not null,
     -- Of a mail server: {from_address, from_name?, reply_to?, host, port, secure}. Its credentials are sealed like others.
     add column mail jsonb,
     add constraint channels__type check (type in ('whatsapp', 'email')),
     add constraint channels__of_its_type check (case type
       when 'whatsapp' then phone_number_id is not null and waba_id is not null and verification is not null
         and mail is null
       else phone_number_id is null and waba_id is null and verification is null and mail is not null end)`,
];

/**
 * Who wants no mail about a topic. It is about an address, not about a contact: a new contact with the same address gets
 * none either. Erased, the address is its MAC.
 */
const refusals = [
  ...tenantTable('mail_refusals', {
    columns: [
      'address text not null',
      `topic text not null constraint mail_refusals__topic check (topic in ('transactional', 'reminders', 'marketing'))`,
      'contact_id uuid',
      'at timestamptz not null default clock_timestamp()',
    ],
    unique: [['address', 'topic']],
    references: [{ column: 'contact_id', table: 'contacts' }],
    privileges: ['select', 'insert', 'update', 'delete'],
  }),
];

/** A person is reached by phone or by mail, or is erased and by neither. */
const contacts = [
  `alter table app.contacts drop constraint contacts__phone_or_erased,
     add constraint contacts__reachable_or_erased check (
       case when erased_at is null then phone is not null or email is not null else phone is null end)`,
];

export class Email extends Migration {
  override up(): void {
    for (const sql of [...channels, ...refusals, ...contacts]) this.addSql(sql);
  }
}
