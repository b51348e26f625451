import type { Ctx } from '../../context.ts';
import { Contact } from '../../entities/contact.ts';
import { noteProviderEffect } from '../channels/effects.ts';
import { changeConsent } from '../inbound/consent.ts';
import { settleUndeliverableOtps } from '../otp/undeliverable.ts';
import type { FailedMessage } from './apply-statuses.ts';

/** What it means, beyond the message itself, that the provider could not deliver it. */
export async function followFailures(ctx: Ctx, failed: FailedMessage[]): Promise<void> {
  const passcodes = failed.filter(({ kind }) => kind === 'otp');
  await settleUndeliverableOtps(
    ctx,
    passcodes.flatMap(({ flow_id }) => flow_id ?? []),
  );
  for (const { id, channel_id, contact_id, template_id, error_code, at } of failed) {
    if (error_code === null) continue;
    const { effect } = ctx.deps.webhooks.reader.judge(error_code);
    if (!effect) continue;
    const within: Ctx = { ...ctx, actor: { type: 'webhook', id: channel_id } };
    if (effect !== 'record_opt_out') {
      const fact = { channelId: channel_id, messageId: id, templateId: template_id, effect, code: error_code };
      await noteProviderEffect(within, fact);
    } else if (contact_id) {
      const contact = await ctx.em.findOne(Contact, { id: contact_id, deletedAt: null });
      if (contact) await changeConsent(within, contact, ['marketing'], false, new Date(at));
    }
  }
}
