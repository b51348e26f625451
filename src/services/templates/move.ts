import type { TemplateStatus } from '../../adapters/whatsapp/types.ts';
import type { Ctx } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Template } from '../../entities/template.ts';
import { raiseAlert, resolveAlerts, type AlertKind } from '../alerts/raise.ts';
import { wakeWaiting } from '../channels/wake.ts';

const alertOf: Partial<Record<TemplateStatus, AlertKind>> = {
  rejected: 'template_rejected',
  paused: 'template_paused',
  disabled: 'template_disabled',
};
const kinds: readonly AlertKind[] = ['template_rejected', 'template_paused', 'template_disabled', 'template_refused'];

/** Writes down what the provider decided on a template, with all that follows. Said twice it changes nothing. */
export async function moveTemplate(
  ctx: Ctx,
  template: Template,
  { status, reason, providerId }: { status: TemplateStatus; reason?: string | undefined; providerId?: string },
): Promise<void> {
  if (providerId !== undefined) template.providerId = providerId;
  if (template.status === status) return;
  template.status = status;
  template.reason = reason ?? null;
  template.updatedAt = await databaseNow(ctx.em);
  await ctx.em.flush();

  const kind = alertOf[status];
  if (kind) {
    const why = reason === undefined ? '' : `: ${reason}`;
    const detail = `The provider has ${status} the template ${template.name} (${template.language})${why}`;
    await raiseAlert(ctx, { kind, subject: template.id, channelId: template.channelId, detail });
  }
  if (status === 'approved') await resolveAlerts(ctx, { kind: kinds, subject: template.id });
  // A pause ends by itself: who waits goes on waiting.
  if (status !== 'pending' && status !== 'paused') await wakeWaiting(ctx, 'template', template.id);
}
