import { isCommonPassword } from '../../domain/common-password.ts';
import { invalidField } from '../../errors.ts';

/** Refuses a password that would be tried first; `own` are the user's name and address, `path` is its field. */
export function refuseCommon(password: string, own: readonly string[], path: string): void {
  if (!isCommonPassword(password, own)) return;
  throw invalidField(path, 'is one that many people have, or follows from your name or address');
}
