import { LockMode } from '@mikro-orm/core';
import type { TemplateCategory, TemplateUpdate } from '../../adapters/whatsapp/types.ts';
import type { Ctx } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Template } from '../../entities/template.ts';
import { moveTemplate } from './move.ts';

/** Takes in what a channel's webhooks say of its templates. One that is not known here is left to the next sync. */
export async function applyTemplateUpdates(ctx: Ctx, channelId: string, updates: TemplateUpdate[]): Promise<void> {
  for (const { providerId, name, language, status, reason, category } of updates) {
    // By its name too: a decision can overtake the answer that tells us the provider's id.
    const where = { channelId, $or: [{ providerId }, { name, language }] };
    const template = await ctx.em.findOne(Template, where, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!template) continue;
    if (status) await moveTemplate(ctx, template, { status, reason, providerId });
    if (category) await recategorise(ctx, template, category);
  }
}

/** Whoever is sent it from now on is asked for the consent that the new category needs. */
async function recategorise(ctx: Ctx, template: Template, category: TemplateCategory): Promise<void> {
  if (template.category === category) return;
  template.category = category;
  template.updatedAt = await databaseNow(ctx.em);
  await ctx.em.flush();
}
