import type { PreferenceUpdate } from '../../adapters/whatsapp/types.ts';
import type { Ctx } from '../../context.ts';
import { notAhead } from '../webhooks/rows-as-json.ts';
import { changeConsent } from './consent.ts';
import { ownNumbers } from './numbers.ts';
import { peopleWith, phoneOf } from './person.ts';

/** What people set in WhatsApp itself. It is about marketing alone, and WhatsApp has confirmed it already. */
export async function heedPreferences(ctx: Ctx, preferences: PreferenceUpdate[]): Promise<void> {
  if (preferences.length === 0) return;
  const numbers = await ownNumbers(ctx);
  const ours = preferences.filter(({ phoneNumberId }) => numbers.has(phoneNumberId));
  for (const { from, value, at } of ours.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const phone = phoneOf(from);
    if (phone === undefined) continue;
    for (const contact of await peopleWith(ctx, phone, value === 'stop' ? 'stop' : 'start')) {
      await changeConsent(ctx, contact, ['marketing'], value === 'resume', new Date(notAhead(at)), { named: true });
    }
  }
}
