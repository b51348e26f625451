import { mailAddress } from '../../domain/mail-address.ts';
import { isReachedAt, type SituationRow } from './situation.ts';

/** Sent to a person, wherever that one is reached; a direct message goes to the phone that it was written for. */
const following = ['reminder', 'notice'];

/**
 * Where a message that has not left goes instead, since its contact has another phone or mail address by now than when
 * it was planned; nothing where it has the same, or none.
 */
export function newAddress(row: SituationRow): string | undefined {
  if (!following.includes(row.kind) || row.contact_erased || row.contact_deleted || isReachedAt(row)) return undefined;
  if (row.content.type !== 'email') return row.contact_phone ?? undefined;
  return row.contact_email === null ? undefined : mailAddress(row.contact_email);
}
