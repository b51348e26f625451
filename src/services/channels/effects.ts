import { logOf, type Ctx } from '../../context.ts';
import { raiseAlert } from '../alerts/raise.ts';
import { audit } from '../audit.ts';
import { noteTemplateRefusal } from '../templates/refusal.ts';

export type ProviderFact = {
  channelId: string;
  messageId?: string;
  templateId?: string | null;
  /** What the error table says beyond the one message; words that are not about a channel or template are let pass. */
  effect: string;
  code: number;
};

/** Codes that a new access token, and nothing else, mends. -401 is the status of an answer without Meta's error. */
const needsToken = (code: number): boolean =>
  [0, 190, 3, 10, -401].includes(code) || (code >= 200 && code <= 299) || smtpLogin.includes(code);
/** A mail server's replies of the same kind. */
const smtpLogin = [530, 534, 535, 538];

/** What an error of the provider means for everything that comes after: stops that channel or template, no other. */
export async function noteProviderEffect(ctx: Ctx, fact: ProviderFact): Promise<void> {
  if (fact.effect === 'suspend_number') return suspendNumber(ctx, fact);
  if (fact.effect === 'block_template' && fact.templateId) {
    return noteTemplateRefusal(ctx, { channelId: fact.channelId, templateId: fact.templateId, code: fact.code });
  }
}

async function suspendNumber(ctx: Ctx, { channelId, code, messageId }: ProviderFact): Promise<void> {
  const reason = needsToken(code) ? 'reauthorise' : 'provider';
  // What somebody paused by hand, and what was stopped before, keeps the reason that it has.
  const stopped = await ctx.em.execute<{ id: string }[]>(
    `update app.channels set status = 'paused', pause_reason = ?, pause_code = ?, paused_at = clock_timestamp(),
       updated_at = clock_timestamp()
     where id = ? and status = 'active' and deleted_at is null
     returning id`,
    [reason, code, channelId],
  );
  await raiseAlert(ctx, {
    kind: reason === 'reauthorise' ? 'channel_reauthorise' : 'channel_stopped',
    subject: channelId,
    channelId,
    detail:
      reason === 'reauthorise'
        ? `The provider refuses the credentials (code ${code}). The channel sends again once it has new ones.`
        : `The provider stopped the number (code ${code}). Resume the channel once that is settled.`,
  });
  if (stopped.length === 0) return;
  audit(ctx, 'channel.stop', { type: 'channel', id: channelId }, ['status']);
  logOf(ctx).warn({ channel_id: channelId, message_id: messageId, provider_code: code, reason }, 'a channel is paused');
}
