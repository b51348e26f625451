import type { Ctx } from '../../context.ts';
import { settleUndeliverableOtps } from '../otp/undeliverable.ts';
import type { FailedMessage } from './apply-statuses.ts';
import { followEffect } from './follow-effect.ts';

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
    await followEffect(within, {
      channelId: channel_id,
      messageId: id,
      templateId: template_id,
      contactId: contact_id,
      effect,
      code: error_code,
      at: new Date(at),
    });
  }
}
