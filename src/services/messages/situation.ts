import type { Consents, Topic } from '../../domain/consent.ts';
import type { ClosedAs, Situation } from '../../domain/governor.ts';
import { mailAddress } from '../../domain/mail-address.ts';
import type { MessageContent } from '../../domain/message-content.ts';
import { phoneVariants } from '../../domain/phone-variants.ts';
import { readSettings } from '../../domain/settings.ts';
import type { MailServer, Sealed } from '../../entities/channel.ts';
import type { Statement } from '../../database.ts';
import { effectiveTimezone } from '../contacts/timezone.ts';

/** A message with all that decides about it, as the statements below answer it; instants in milliseconds since 1970. */
export type SituationRow = {
  /** Of its flow, and how far that is from Postgres' clock. */
  now: number;
  clock_offset: string;
  id: string;
  kind: string;
  flow_id: string | null;
  status: string;
  attempts: number;
  fence: number;
  recipient: string;
  topic: Topic | null;
  template_id: string | null;
  contact_id: string;
  priority: number;
  content: MessageContent;
  planned_at: number | null;
  latest_useful_at: number | null;
  catch_up: Situation['message']['catchUp'];
  slot_at: number | null;
  not_before: number | null;
  lease_until: number | null;
  settle_at: number | null;
  newer_is_due: boolean;
  closed: ClosedAs | null;
  flow_paused: boolean;
  tenant_deleted: boolean;
  tenant_timezone: string;
  settings: unknown;
  tenant_name: string;
  channel_id: string;
  channel_type: 'whatsapp' | 'email';
  sandbox: boolean;
  phone_number_id: string | null;
  mail: MailServer | null;
  credentials: Sealed;
  channel_deleted: boolean;
  channel_paused: boolean;
  throughput_per_second: number;
  contact_phone: string | null;
  contact_email: string | null;
  contact_timezone: string | null;
  contact_erased: boolean;
  contact_deleted: boolean;
  consents: Consents;
  unsubscribed: boolean;
  template_name: string | null;
  template_language: string | null;
  template_status: NonNullable<Situation['template']>['status'] | null;
  template_category: NonNullable<Situation['template']>['category'] | null;
  window_closes_at: number | null;
  recent: number[];
};
export type BucketRow = { id: string; next_at: number };

export const bucketIds = ({ channel_id, recipient }: Pick<SituationRow, 'channel_id' | 'recipient'>) => ({
  number: `number/${channel_id}`,
  bulk: `number/${channel_id}/bulk`,
  recipient: `recipient/${channel_id}/${recipient}`,
});

/** The longest that a frequency cap looks back, in hours, and how many sends it can count. */
const CAP_HOURS = 720;
const CAP_SENDS = 1_000;

const ms = (instant: string): string => `(extract(epoch from ${instant}) * 1000)::double precision`;

const offset = `coalesce(f.clock_offset, '0')`;

/** A mail is weighed against mails alone: it goes beside a WhatsApp message, and in place of none. */
const alike = (other: string): string => `${isMail(other)} = ${isMail('m')}`;
const isMail = (row: string): string => `(coalesce(${row}.content ->> 'type', '') = 'email')`;

const ofQueued = (column: string): string =>
  `select m.${column} from app.messages m where m.id = $1 and m.status = 'queued'`;

/**
 * Locks the contact, then the message, then its buckets in the order of their names, as every sender does, and reads
 * what decides only then: each statement sees what those that held the locks before have committed. A channel or a
 * template that stops the message is held as well: who lifts that comes before us, and we see it, or after us, and
 * finds the message waiting.
 */
export function readSituation(messageId: string): Statement[] {
  return [
    {
      name: 'situation_contact',
      text: `select from app.contacts c where c.id = (select m.contact_id from app.messages m where m.id = $1)
        for no key update`,
      values: [messageId],
    },
    { name: 'situation_message', text: 'select from app.messages where id = $1 for update', values: [messageId] },
    {
      name: 'situation_channel',
      text: `select from app.channels c where c.id = (${ofQueued('channel_id')}) and c.status <> 'active' for share`,
      values: [messageId],
    },
    {
      name: 'situation_template',
      text: `select from app.templates l where l.id = (${ofQueued('template_id')}) and l.status <> 'approved' for share`,
      values: [messageId],
    },
    {
      name: 'situation_buckets',
      text: `insert into app.send_buckets (id, next_at)
        select b.id, clock_timestamp() from app.messages m, lateral (values ('number/' || m.channel_id),
          ('number/' || m.channel_id || '/bulk'), ('recipient/' || m.channel_id || '/' || m.recipient)) b (id)
        where m.id = $1 and m.status = 'queued' order by b.id
        on conflict (tenant_id, id) do nothing`,
      values: [messageId],
    },
    {
      name: 'situation_full',
      text: `select b.id, ${ms('b.next_at')} as next_at from app.send_buckets b where b.id in (
          select unnest(array ['number/' || m.channel_id, 'number/' || m.channel_id || '/bulk',
            'recipient/' || m.channel_id || '/' || m.recipient])
          from app.messages m where m.id = $1 and m.status = 'queued'
        )
        order by b.id for update`,
      values: [messageId],
    },
    {
      name: 'situation',
      text: `select ${ms(`clock_timestamp() + ${offset}`)} as now, ${offset}::text as clock_offset, m.id, m.kind, m.flow_id, m.status, m.attempts, m.fence, m.recipient,
          m.topic, m.template_id, m.contact_id, m.priority, m.content, m.catch_up,
          ${['planned_at', 'latest_useful_at', 'slot_at', 'not_before', 'lease_until', 'settle_at'].map((name) => `${ms(`m.${name}`)} as ${name}`).join(', ')},
          m.catch_up = 'send_once' and exists (
            select from app.messages n
            where n.flow_id = m.flow_id and ${alike('n')} and n.status not in ('cancelled', 'expired', 'failed')
              and (n.planned_at, n.id) > (m.planned_at, m.id) and n.planned_at <= clock_timestamp() + ${offset}
          ) as newer_is_due,
          (
            select i.status from app.invoices i
            where m.kind = 'reminder' and i.id = m.flow_id and i.status in ('paid', 'void', 'uncollectible')
          ) as closed,
          f.paused_at is not null as flow_paused,
          t.deleted_at is not null as tenant_deleted, t.timezone as tenant_timezone, t.settings,
          t.name as tenant_name, c.type as channel_type, c.mail,
          c.id as channel_id, c.sandbox, c.phone_number_id, c.credentials, c.deleted_at is not null as channel_deleted,
          c.status <> 'active' as channel_paused, c.throughput_per_second,
          p.phone as contact_phone, p.email as contact_email, p.timezone as contact_timezone, p.erased_at is not null as contact_erased,
          p.deleted_at is not null as contact_deleted, p.consents,
          c.type = 'email' and exists (
            select from app.mail_refusals u where u.address = m.recipient and u.topic = m.topic
          ) as unsubscribed,
          l.name as template_name, l.language as template_language, l.status as template_status,
          l.category as template_category,
          ${ms('w.closes_at')} as window_closes_at,
          array (
            select ${ms('r.claimed_at')} from app.messages r
            where r.contact_id = any (p.earlier_ids || m.contact_id) and r.topic = m.topic and r.id <> m.id and ${alike('r')}
              and r.claimed_at > statement_timestamp() + ${offset} - interval '${CAP_HOURS} hours'
              and r.status in ('sending', 'sent', 'delivered', 'read', 'unknown')
              and t.settings -> 'frequency_caps' ? m.topic
            order by r.claimed_at desc limit ${CAP_SENDS}
          ) as recent
        from app.messages m
        join app.tenants t on true
        join app.channels c on c.id = m.channel_id
        join app.contacts p on p.id = m.contact_id
        left join app.flows f on f.id = m.flow_id
        left join app.templates l on l.id = m.template_id
        left join app.conversations w on w.channel_id = m.channel_id and w.phone = m.recipient
        where m.id = $1`,
      values: [messageId],
    },
  ];
}

/** What the governor is asked, from what the rows say. */
export function toSituation(row: SituationRow, full: BucketRow[]): Situation {
  const ids = bucketIds(row);
  const fullAt = (id: string) => date(full.find((bucket) => bucket.id === id)?.next_at ?? null);
  return {
    now: new Date(row.now),
    message: {
      topic: row.topic,
      priority: row.priority,
      form: formOf(row),
      plannedAt: date(row.planned_at),
      latestUsefulAt: date(row.latest_useful_at),
      catchUp: row.catch_up,
      slotAt: date(row.slot_at),
      notBefore: date(row.not_before),
      newerIsDue: row.newer_is_due,
    },
    closed: row.closed,
    flowPaused: row.flow_paused,
    tenant: { deleted: row.tenant_deleted, settings: readSettings(row.settings) },
    channel: { deleted: row.channel_deleted, paused: row.channel_paused, perSecond: row.throughput_per_second },
    contact: {
      erased: row.contact_erased,
      deleted: row.contact_deleted,
      hasPhone: isReachedAt(row),
      unsubscribed: row.unsubscribed,
      consents: row.consents,
      timeZone: effectiveTimezone({ timezone: row.contact_timezone, phone: row.contact_phone }, row.tenant_timezone),
    },
    template:
      row.template_status === null || row.template_category === null
        ? null
        : { status: row.template_status, category: row.template_category },
    windowClosesAt: date(row.window_closes_at),
    recent: row.recent.map((at) => new Date(at)),
    full: { number: fullAt(ids.number), bulk: fullAt(ids.bulk), recipient: fullAt(ids.recipient) },
  };
}

function formOf({ content, template_name }: SituationRow): Situation['message']['form'] {
  if (content.type === 'email') return 'mail';
  if (content.type === 'template') return 'template';
  return template_name === null ? 'free' : 'either';
}

/** Whether the contact still has the phone, or the mail address, that the message goes to. */
export function isReachedAt({ content, recipient, contact_phone: phone, contact_email: email }: SituationRow): boolean {
  if (content.type === 'email') return email !== null && mailAddress(email) === recipient;
  return phone !== null && phoneVariants(phone).includes(recipient);
}

const date = (at: number | null): Date | null => (at === null ? null : new Date(at));
