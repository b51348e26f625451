import type { SendOutcome } from '../../adapters/whatsapp/types.ts';
import { unitOfWork, type Ctx, type Deps } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Contact } from '../../entities/contact.ts';
import { noteProviderEffect, type ProviderFact } from '../channels/effects.ts';
import { changeConsent } from '../inbound/consent.ts';
import { flowScope } from '../scope.ts';
import { recordOutcome, type Call, type Recording } from './record.ts';

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

/**
 * Writes down what the provider answered to a call, and first what that means beyond the message. Who dies in between
 * leaves a message in doubt, of which a person hears; in the other order it would be an effect that nobody has noted.
 */
export async function recordWithEffect(
  deps: Deps,
  tenantId: number,
  { runId, fence, clockOffset, ...message }: Called & Call,
  outcome: SendOutcome,
  options?: { toContact: boolean },
): Promise<Recording> {
  const call = { id: message.id, fence, clockOffset, runId };
  try {
    await noteEffect(deps, tenantId, message, outcome);
  } catch (error) {
    // What is known of the message does not depend on it.
    await recordOutcome(deps, tenantId, call, outcome, options);
    throw error;
  }
  return recordOutcome(deps, tenantId, call, outcome, options);
}

async function noteEffect(deps: Deps, tenantId: number, message: Called, outcome: SendOutcome): Promise<void> {
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
