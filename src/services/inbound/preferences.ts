import type { PreferenceUpdate } from '../../adapters/whatsapp/types.ts';
import type { Ctx } from '../../context.ts';
import { notAhead } from '../webhooks/rows-as-json.ts';
import { changeConsent } from './consent.ts';
import { findPerson, phoneOf, rememberPerson } from './person.ts';

/** What people set in WhatsApp itself. It is about marketing alone, and WhatsApp has confirmed it already. */
export async function heedPreferences(ctx: Ctx, preferences: PreferenceUpdate[]): Promise<void> {
  for (const { from, value, at } of preferences.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const phone = phoneOf(from);
    if (phone === undefined) continue;
    const contact = (await findPerson(ctx, phone)) ?? (value === 'stop' ? await rememberPerson(ctx, phone) : undefined);
    if (contact) await changeConsent(ctx, contact, ['marketing'], value === 'resume', new Date(notAhead(at)));
  }
}
