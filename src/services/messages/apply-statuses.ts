import { randomUUIDv7 } from 'node:crypto';
import type { StatusUpdate, WebhookContent } from '../../adapters/whatsapp/types.ts';
import type { Statement } from '../../database.ts';
import { statusOrder } from '../../domain/message-status.ts';
import { fatesOf } from '../reminders/fate.ts';
import { keysOf, keysOfOne, reminderIn } from '../reminders/keys.ts';
import type { WebhookReader } from '../webhooks/reader.ts';
import { notAhead, rowsAsJson } from '../webhooks/rows-as-json.ts';

/** A webhook of the inbox, read. `bodyHash` is of what was read; there is none when the body was gone. */
export type ReadWebhook = { id: string; channelId: string; content: WebhookContent; bodyHash?: Buffer | undefined };

export type FailedMessage = {
  id: string;
  kind: string;
  flow_id: string | null;
  channel_id: string;
  contact_id: string | null;
  template_id: string | null;
  error_code: number | null;
  at: string;
};
/** `claimed`: the webhooks that nobody else had applied. `signals`: rows of the outbox, as they were written. */
export type AppliedStatuses = {
  claimed: string[];
  failed: FailedMessage[];
  signals: { id: number; kind: string; flow_id: string }[];
};

/**
 * Takes webhooks for applied, and takes in what they say of our messages. One whose body is not any more what was read,
 * since a person in it was erased, is left to be read again. Repeats, disorder, a status before our own
 * call has returned, and `read` without `delivered` all end in the same rows.
 *
 * Nothing is lost with a commit that is not durable: if it goes, the webhooks stand in the inbox as they were.
 */
export function statusesStatement(
  webhooks: ReadWebhook[],
  { judge }: Pick<WebhookReader, 'judge'>,
  { durable }: { durable: boolean },
): Statement {
  const given = webhooks.map(({ id, content, bodyHash }) => ({
    id,
    unreadable: content.unreadable,
    body_hash: bodyHash?.toString('hex'),
  }));
  const told = webhooks.flatMap(({ id, content }) =>
    content.statuses.map((update) => ({ webhook_id: id, row_id: randomUUIDv7(), ...toRow(update, judge) })),
  );
  return {
    name: durable ? 'apply_statuses_durably' : 'apply_statuses',
    text: durable ? text : `${text}, set_config('synchronous_commit', 'off', true)`,
    values: [JSON.stringify(given), rowsAsJson(told), JSON.stringify(statusOrder)],
  };
}

const toRow = (
  { messageId, providerId, status, at, errorCode, pricing, phoneNumberId }: StatusUpdate,
  judge: WebhookReader['judge'],
) => ({
  // Whatever others have written there is no id of ours.
  ...(messageId !== undefined && isOurId(messageId) && { id: messageId }),
  provider_id: providerId,
  phone_number_id: phoneNumberId,
  status,
  at: notAhead(at),
  ...(pricing && { pricing }),
  ...(status === 'failed' && {
    error_code: errorCode,
    verdict: errorCode === undefined ? 'never' : judge(errorCode).verdict,
  }),
});

/** Whether what comes back with a status may be the id of a message of ours. */
export const isOurId = (value: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);

// Messages are locked in the order of their ids, so that two batches about the same ones cannot block each other.
const text = `
with given as (
  select * from jsonb_to_recordset($1::jsonb) as t (id uuid, unreadable integer, body_hash text)
), webhook as (
  select w.id, w.hash, given.unreadable from app.webhook_inbox w join given on given.id = w.id
  where w.applied_at is null and encode(sha256(w.body), 'hex') is not distinct from given.body_hash
  order by w.id for update of w skip locked
), done as (
  update app.webhook_inbox w set applied_at = clock_timestamp(), unreadable = webhook.unreadable,
    body = case when webhook.unreadable > 0 then w.body end
  from webhook where w.id = webhook.id
), told as (
  select t.*, webhook.hash from webhook join jsonb_to_recordset($2::jsonb) as t (webhook_id uuid, row_id uuid, id uuid,
    provider_id text, phone_number_id text, status text, at timestamptz, error_code integer, verdict text, pricing jsonb)
  on webhook.id = t.webhook_id
), found as (
  -- Several numbers may report to one address, and the number inside says which: what it says of another number's
  -- message is not believed.
  select told.*, m.id as message_id, m.kind, m.key from told join app.messages m on m.id = told.id
    join app.channels c on c.id = m.channel_id and c.phone_number_id = told.phone_number_id
  union all
  select told.*, m.id, m.kind, m.key from told join app.messages m on m.provider_id = told.provider_id
    join app.channels c on c.id = m.channel_id and c.phone_number_id = told.phone_number_id
  where told.id is null
), ranks as (
  select word, ordinality as rank from jsonb_array_elements_text($3::jsonb) with ordinality as r (word, ordinality)
), touched as (
  select message_id as id from found
  union
  -- Whether a reminder has failed depends on what goes beside, which says no word of its own meanwhile.
  select m.id from app.messages m where m.key = any (array(
    ${keysOf(`select ${reminderIn('key')} as id from found where status = 'failed' and kind = 'reminder'`)}
  ))
), locked as (
  select m.id, m.key, m.status, m.reason from app.messages m where m.id in (select id from touched)
  order by m.id for no key update
), noted as (
  insert into app.message_statuses (id, message_id, status, at, error_code, webhook_hash)
  select found.row_id, locked.id, found.status, found.at, found.error_code, found.hash
  from found join locked on locked.id = found.message_id
  on conflict (tenant_id, message_id, status, webhook_hash) do nothing
), best as (
  select message_id, max(rank) as rank, min(provider_id) as provider_id,
    min(at) filter (where status <> 'failed') as sent_at,
    max(at) filter (where status = 'failed') as failed_at,
    min(error_code) filter (where status = 'failed') as error_code,
    min(verdict) filter (where status = 'failed') as verdict,
    (array_agg(pricing order by rank desc) filter (where pricing is not null))[1] as pricing
  from found join ranks on ranks.word = found.status group by message_id
), step as (
  select best.*, reached.word as status, locked.status as was, best.rank > coalesce(ranks.rank, 0) as forward
  from best
  join ranks reached on reached.rank = best.rank
  join locked on locked.id = best.message_id
  left join ranks on ranks.word = locked.status
), moved as (
  update app.messages m set
    status = case when step.forward then step.status else m.status end,
    -- Erased meanwhile: the provider's id names the phone.
    provider_id = case when m.salt is null then m.provider_id else coalesce(m.provider_id, step.provider_id) end,
    sent_at = coalesce(m.sent_at, step.sent_at),
    error_code = case when step.forward and step.status = 'failed' then step.error_code else m.error_code end,
    error_verdict = case when step.forward and step.status = 'failed' then step.verdict else m.error_verdict end,
    pricing = case when step.forward then coalesce(step.pricing, m.pricing) else coalesce(m.pricing, step.pricing) end,
    reason = case when not step.forward then m.reason when step.status = 'failed' then 'undelivered' end,
    lease_until = case when step.forward then null else m.lease_until end,
    settle_at = case when step.forward then null else m.settle_at end,
    updated_at = clock_timestamp()
  from step
  where m.id = step.message_id and (step.forward or (m.pricing is null and step.pricing is not null))
  returning m.id, m.kind, m.key, m.flow_id, m.channel_id, m.contact_id, m.template_id, m.error_code, m.status,
    m.reason, step.was, step.failed_at as at, step.forward
), reminded as (
  select id, ${reminderIn('key')} as reminder, key, status, reason, was from moved
  where kind = 'reminder' and forward and was in ('sending', 'unknown', 'cancelled')
), whole as (
  select reminder, key, status, reason from reminded
  union all
  select reminded.reminder, locked.key, locked.status, locked.reason
  from reminded join locked on locked.id <> reminded.id and locked.key in (${keysOfOne('reminded.reminder')})
), fates as (${fatesOf('whole')}), known as (
  -- Its invoice's flow may have ended without that word, and nobody else would look at it again: while it was still at
  -- the provider even, if nobody drives that flow any more. What was called off after a call may have left by it.
  update app.reminders r set status = fates.status, reason = fates.reason, updated_at = clock_timestamp()
  from reminded join fates on fates.reminder = reminded.reminder
  where (r.status = 'unknown' and fates.status <> 'unknown'
      or r.status in ('cancelled', 'skipped', 'missed') and reminded.was = 'cancelled')
    and r.id = reminded.reminder
    -- As an array, so that they are looked up and not searched for.
    and r.id = any (array(select reminder from reminded))
), signalled as (
  -- An ordinary status tells a flow nothing that it waits for.
  insert into app.outbox (operation, kind, flow_id, signal, args)
  select 'signal', f.kind, f.id, 'messageSettled', '{}'
  from moved join app.flows f on f.id = moved.flow_id
  where moved.flow_id = moved.id and moved.forward and (moved.was = 'unknown' or moved.status = 'failed')
    and f.status = 'running'
  returning id, kind, flow_id
)
select (select coalesce(jsonb_agg(id), '[]') from webhook) as claimed,
  (select coalesce(jsonb_agg(to_jsonb(moved)), '[]') from moved where forward and status = 'failed') as failed,
  (select coalesce(jsonb_agg(to_jsonb(signalled)), '[]') from signalled) as signals`;
