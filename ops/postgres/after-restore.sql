-- After the rows came back from a backup, before a worker starts: what was due between the backup and now may have been
-- sent meanwhile, and nobody knows. Such a message is not sent again by itself; a webhook that still comes settles it, and
-- an alert names it. Run it as the superuser, who sees all tenants:
--   docker compose exec -T postgres psql -U postgres -d carillon < ops/postgres/after-restore.sql
update app.messages
set status = 'unknown', reason = 'restored', held_until = null, lease_until = null, settle_at = clock_timestamp(),
  updated_at = clock_timestamp()
where status = 'queued' and kind <> 'otp' and planned_at <= clock_timestamp();
