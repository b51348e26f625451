import type { Ctx } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Contact } from '../../entities/contact.ts';
import { noteProviderEffect, type ProviderFact } from '../channels/effects.ts';
import { changeConsent } from '../inbound/consent.ts';

export type MessageFact = ProviderFact & { contactId: string | null; at?: Date | undefined };

/** What an error of the provider means beyond its message: for the channel, the template, or the contact. */
export async function followEffect(ctx: Ctx, { contactId, at, ...fact }: MessageFact): Promise<void> {
  if (fact.effect !== 'record_opt_out') return noteProviderEffect(ctx, fact);
  const contact = contactId && (await ctx.em.findOne(Contact, { id: contactId, deletedAt: null }));
  if (contact) await changeConsent(ctx, contact, ['marketing'], false, at ?? (await databaseNow(ctx.em)));
}
