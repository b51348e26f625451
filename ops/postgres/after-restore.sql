-- After the rows came back from a backup that is older than the last message that left, before a process starts: what was
-- due between the backup and now may have been sent meanwhile, and nobody knows. It is not sent again by itself; a webhook
-- that still comes settles a message, and an alert tells each tenant. Answers how many there are of each tenant.
--   docker compose exec -T postgres psql -U postgres -d carillon -v ON_ERROR_STOP=1 < ops/postgres/after-restore.sql
begin;

-- Where there is no superuser the owner runs it, and would be shown no row at all.
alter table app.messages no force row level security;
alter table app.reminders no force row level security;
alter table app.flows no force row level security;
alter table app.alerts no force row level security;

with messages as (
  update app.messages
  set status = 'unknown', reason = 'restored', held_until = null, lease_until = null, settle_at = clock_timestamp(),
    updated_at = clock_timestamp()
  where status = 'queued' and kind <> 'otp' and planned_at <= clock_timestamp()
  returning tenant_id, id
), flows as (
  -- A message's own flow has nothing left to do, whatever became of its workflow.
  update app.flows f
  set status = 'completed', stage = 'ended', outcome = 'unknown', next_action = null, next_action_at = null,
    waits_for_reply = false, ended_at = clock_timestamp(), updated_at = clock_timestamp()
  from messages m
  where f.tenant_id = m.tenant_id and f.id = m.id and f.status = 'running'
), reminders as (
  -- The message of a reminder is written only when its time has come: a backup from before has none.
  update app.reminders
  set status = 'unknown', reason = 'restored', ended_at = clock_timestamp(), updated_at = clock_timestamp()
  where status = 'scheduled' and planned_at <= clock_timestamp()
  returning tenant_id
), touched as (
  select tenant_id, sum(message) as messages, sum(reminder) as reminders
  from (
    select tenant_id, 1 as message, 0 as reminder from messages
    union all
    select tenant_id, 0, 1 from reminders
  ) each_of_them
  group by tenant_id
), alerts as (
  insert into app.alerts (tenant_id, id, kind, subject, detail)
  select tenant_id, gen_random_uuid(), 'restored', tenant_id::text,
    'The data came back from a backup. Of messages and reminders that were due since it nobody knows whether they were '
      || 'sent; they are unknown, and not sent again by themselves. What was entered since it is gone, payments too.'
  from touched
  on conflict (tenant_id, kind, subject) where resolved_at is null
    do update set occurrences = app.alerts.occurrences + 1, last_at = clock_timestamp()
)
select tenant_id, messages, reminders from touched order by tenant_id;

alter table app.messages force row level security;
alter table app.reminders force row level security;
alter table app.flows force row level security;
alter table app.alerts force row level security;

commit;
