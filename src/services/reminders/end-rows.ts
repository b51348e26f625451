import type { Statement } from '../../database.ts';
import { messageUnknown } from '../alerts/message-unknown.ts';
import { alertStatement } from '../alerts/raise.ts';
import { canComeBack } from '../invoices/dropped.ts';
import { calledOff, fatesOf } from './fate.ts';
import { reminderIn } from './keys.ts';

/** Why nobody drives a flow any more: its workflow was ended from outside, or its tenant or contact is gone. */
const undriven = ['flow_cancelled', 'tenant_deleted', 'erased'] as const;
type Undriven = (typeof undriven)[number];
export const isUndriven = (reason: string | undefined): boolean =>
  reason !== undefined && (undriven as readonly string[]).includes(reason);

/** What leaves, or may come back when the invoice changes, of reminders `r`. */
const open = `(r.status in ('scheduled', 'sending') or ${canComeBack})`;

/**
 * SQL that ends the messages and reminders of flows that nobody drives any more, those that `flows` selects, in the
 * statement that ends these. What waits never leaves. What is at the provider is past stopping, and not tried again
 * should it come back; a reminder of which that is all is `unknown` until somebody hears. `doubted` has the channels of
 * which a person is told that now, since no flow will.
 */
export const endRows = (flows: string, reason: Undriven): string => `
  written as (
    select m.id, m.kind, m.key, m.status, m.reason, m.channel_id, m.lease_until,
      case when m.kind = 'reminder' then ${reminderIn('m.key')} end as reminder
    from ${flows} join app.messages m on m.flow_id = ${flows}.id
    order by m.id for update of m
  ), unsent as (
    update app.messages m set status = 'cancelled', reason = '${reason}', held_until = null,
      updated_at = clock_timestamp()
    from written where m.id = written.id and written.status = 'queued'
  ), called_off as (
    update app.messages m set withdrawn = '${reason}', updated_at = clock_timestamp()
    from written where m.id = written.id and written.status in ('sending', 'unknown')
  ), pending as (
    select r.id from app.reminders r join ${flows} on r.invoice_id = ${flows}.id where ${open}
  ), fates as (${fatesOf(`(select * from written where status <> 'queued')`)}), unreminded as (
    update app.reminders r set status = ${calledOff(reason).status}, reason = ${calledOff(reason).reason},
      ended_at = clock_timestamp(), updated_at = clock_timestamp()
    from pending left join fates on fates.reminder = pending.id
    where r.id = pending.id and ${open}
  ), doubted as (
    select distinct channel_id from written
    where kind <> 'otp' and (status = 'unknown' or status = 'sending' and lease_until <= clock_timestamp())
      and (reminder is null or reminder in (select id from pending))
  )`;

/** Of all that `endRows` found in doubt, to be written in the same transaction. */
export const tellDoubted = (channelIds: readonly string[]): Statement[] =>
  channelIds.map((channelId) => alertStatement(messageUnknown(channelId)));
