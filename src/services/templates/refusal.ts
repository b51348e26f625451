import { LockMode } from '@mikro-orm/core';
import type { Ctx } from '../../context.ts';
import { Template } from '../../entities/template.ts';
import { raiseAlert } from '../alerts/raise.ts';
import { moveTemplate } from './move.ts';

/** The provider refused a message because of its template: paused and disabled are states, the rest is for a person. */
export async function noteTemplateRefusal(
  ctx: Ctx,
  { channelId, templateId, code }: { channelId: string; templateId: string; code: number },
): Promise<void> {
  const template = await ctx.em.findOne(Template, { id: templateId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!template) return;
  const status = code === 132015 ? 'paused' : code === 132016 ? 'disabled' : undefined;
  if (status) return moveTemplate(ctx, template, { status, reason: `code ${code}` });
  await raiseAlert(ctx, {
    kind: 'template_refused',
    subject: templateId,
    channelId,
    detail: `The provider refuses messages of the template ${template.name} (${template.language}) with code ${code}.`,
  });
}
