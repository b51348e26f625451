/** The keys in the ledger of the reminders that `reminders` (SQL) selects the ids of. Both name their reminder second. */
export const keysOf = (reminders: string): string =>
  `select 'reminder:' || r.id || medium from (${reminders}) r, unnest(array ['', ':email']) medium`;
export const reminderIn = (key: string): string => `split_part(${key}, ':', 2)::uuid`;
