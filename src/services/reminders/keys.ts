/** What a reminder has in the ledger under keys of its own: its WhatsApp message, and the mail beside it. */
const media = ["''", "':email'"];

export const messageKeyOf = (reminderId: string): string => `reminder:${reminderId}`;
export const mailKeyOf = (reminderId: string): string => `reminder:${reminderId}:email`;
/** Fits the mails of all reminders, and nothing else, as LIKE reads it. */
export const ANY_MAIL = mailKeyOf('%');

/** The reminder whose message, or mail, has this key. */
export const reminderOf = (key: string): string | undefined => /^reminder:([^:]+)/.exec(key)?.[1];

/** The same in SQL: the keys of the one reminder that `id` is the id of, as a list. */
export const keysOfOne = (id: string): string => media.map((medium) => `'reminder:' || ${id} || ${medium}`).join(', ');
/** The keys of the reminders that `reminders` (SQL) selects the ids of. Both name their reminder second. */
export const keysOf = (reminders: string): string =>
  `select 'reminder:' || r.id || medium from (${reminders}) r, unnest(array [${media.join(', ')}]) medium`;
export const reminderIn = (key: string): string => `split_part(${key}, ':', 2)::uuid`;
