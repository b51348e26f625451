import type { Ctx } from '../../context.ts';
import { phoneVariants } from '../../domain/phone-variants.ts';
import type { Contact } from '../../entities/contact.ts';
import { lockPhones } from '../contacts/lock.ts';
import { hasRefused, makeContact } from '../contacts/refusals.ts';

/** WhatsApp names a person by the digits of the phone; anything else is no phone. */
export const phoneOf = (from: string | undefined): string | undefined =>
  from !== undefined && /^\+?[1-9]\d{6,14}$/.test(from) ? `+${from.replace('+', '')}` : undefined;

/**
 * The contacts that a phone stands for, as it is written first, and locked. A no has to be remembered, also of
 * somebody whom the tenant does not know yet; a yes only of somebody who said no before.
 */
export async function peopleWith(ctx: Ctx, phone: string, wants: 'stop' | 'start'): Promise<Contact[]> {
  for (;;) {
    const found = await lockPhones(ctx, phoneVariants(phone));
    if (found.length > 0) return found.toSorted((a, b) => Number(b.phone === phone) - Number(a.phone === phone));
    if (wants === 'start' && !(await hasRefused(ctx, phone))) return [];
    await makeContact(ctx, phone);
  }
}
