const left = `w.status in ('sent', 'delivered', 'read')`;
const open = `w.status in ('queued', 'sending', 'unknown')`;

/**
 * SQL that selects what reminders are by their messages and why, of rows with `reminder`, `key`, `status` and `reason`.
 * One was sent when either medium has left, and is in doubt while either may have, or still will. Else it is what its
 * WhatsApp message ended as, or its mail where that is all there is.
 */
export const fatesOf = (written: string): string => `
  select distinct on (w.reminder) w.reminder,
    case when ${left} then 'sent' when ${open} then 'unknown' when w.status = 'expired' then 'missed'
      when w.status = 'cancelled' then 'cancelled' else 'failed' end as status,
    case when ${left} then null else w.reason end as reason
  from ${written} w where w.reminder is not null
  order by w.reminder, ${left} desc, ${open} desc, w.status = 'unknown' desc, w.key`;

/**
 * What a reminder that nobody sends any more is by `fates` of those of its messages that did not wait: the SQL of both
 * columns. Unless it has left, or may have, it is cancelled for this reason.
 */
export const calledOff = (reason: string) => ({
  status: `case when fates.status in ('sent', 'unknown') then fates.status else 'cancelled' end`,
  reason: `case when fates.status in ('sent', 'unknown') then fates.reason else '${reason}' end`,
});
