import type { EntityManager } from '@mikro-orm/postgresql';
import type { AuditEntry } from '../../entities/audit-entry.ts';
import type { Message } from '../../entities/message.ts';
import { Reminder } from '../../entities/reminder.ts';
import { reminderOf } from '../reminders/keys.ts';
import type { Happened } from './timeline.ts';

/** The reminders of an invoice that have ended without leaving, or of which nobody knows whether they left. */
export const unsentReminders = (em: EntityManager, invoiceId: string): Promise<Reminder[]> =>
  em
    .fork()
    .find(
      Reminder,
      { invoiceId, status: { $in: ['missed', 'failed', 'skipped', 'cancelled', 'unknown'] }, endedAt: { $ne: null } },
      { orderBy: { endedAt: 'asc', plannedAt: 'asc', id: 'asc' } },
    );

/** What a person, or a payment, did that ends reminders for a reason. All else the flow decides by itself. */
const endedBy: Record<string, readonly string[]> = {
  paid: ['invoice.payment', 'invoice.update'],
  void: ['invoice.void'],
  uncollectible: ['invoice.uncollectible'],
  skipped: ['flow.skip'],
  cancelled: ['flow.cancel'],
  flow_cancelled: ['invoice.cancelled'],
};

/** Their ends, but for those that another event tells as well: one about the message, or the verb that ended it. */
export function unsentEvents(
  reminders: Reminder[],
  { entries, messages }: { entries: AuditEntry[]; messages: Message[] },
): Happened[] {
  const told = new Set([
    ...messages
      .filter(({ status }) => status === 'failed' || status === 'cancelled' || status === 'expired')
      .map(({ key, reason }) => `${reminderOf(key)} ${reason}`),
    ...entries.flatMap(({ action, detail }) => {
      const [, reason] = /^reminder\.(skipped|deleted)$/.exec(action) ?? [];
      return reason && detail?.item ? [`${detail.item} ${reason}`] : [];
    }),
  ]);
  // What became of one that is in the ledger its messages tell; one of before a restored backup may have none.
  const written = new Set(messages.map(({ key }) => reminderOf(key)));
  return reminders.flatMap(({ id, status, reason, endedAt }) => {
    if (!endedAt || told.has(`${id} ${reason}`) || (status === 'unknown' && written.has(id))) return [];
    const by = nearest(
      entries.filter(
        ({ action, detail }) =>
          endedBy[reason ?? '']?.includes(action) && (detail?.item === undefined || detail.item === id),
      ),
      endedAt,
    );
    return [
      {
        at: endedAt,
        what: `reminder.${status}`,
        by: by?.actorType ?? 'flow',
        ...(by?.actorId && { by_id: by.actorId }),
        item: id,
        ...(reason && { detail: reason }),
      },
    ];
  });
}

/** An invoice may be paid, owed again and paid once more. */
const nearest = (entries: AuditEntry[], at: Date): AuditEntry | undefined =>
  entries.toSorted((a, b) => Math.abs(a.at.getTime() - at.getTime()) - Math.abs(b.at.getTime() - at.getTime()))[0];
