import type { SendOutcome } from '../../adapters/whatsapp/types.ts';
import { unitOfWork, type Ctx, type Deps } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Contact } from '../../entities/contact.ts';
import { noteProviderEffect, type ProviderFact } from '../channels/effects.ts';
import { changeConsent } from '../inbound/consent.ts';
import { flowScope } from '../scope.ts';

export type MessageFact = ProviderFact & { contactId: string | null; at?: Date | undefined };

/** What an error of the provider means beyond its message: for the channel, the template, or the contact. */
export async function followEffect(ctx: Ctx, { contactId, at, ...fact }: MessageFact): Promise<void> {
  if (fact.effect !== 'record_opt_out') return noteProviderEffect(ctx, fact);
  const contact = contactId && (await ctx.em.findOne(Contact, { id: contactId, deletedAt: null }));
  if (contact) await changeConsent(ctx, contact, ['marketing'], false, at ?? (await databaseNow(ctx.em)));
}

type Called = {
  id: string;
  flowId?: string | null;
  contactId?: string | null;
  templateId?: string | null;
  channel: { id: string };
};

/** As above, for what the provider answered to a call. */
export async function noteEffect(deps: Deps, tenantId: number, message: Called, outcome: SendOutcome): Promise<void> {
  if (outcome.kind !== 'refused' || !outcome.effect) return;
  const fact: MessageFact = {
    channelId: message.channel.id,
    messageId: message.id,
    templateId: message.templateId ?? null,
    contactId: message.contactId ?? null,
    effect: outcome.effect,
    code: outcome.code,
  };
  await unitOfWork(flowScope(deps, tenantId, message.flowId ?? message.id), (ctx) => followEffect(ctx, fact));
}
