import type { TemplateCategory, TemplateUpdate } from '../../adapters/whatsapp/types.ts';
import type { Ctx } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Template } from '../../entities/template.ts';
import { lockTemplates } from './lock.ts';
import { moveTemplate } from './move.ts';

/** What one webhook says of a channel's templates. */
type ToldOfTemplates = { channelId: string; updates: TemplateUpdate[] };

/** Takes in what webhooks say of templates. One that is not known here is left to the next sync. */
export async function applyTemplateUpdates(ctx: Ctx, told: ToldOfTemplates[]): Promise<void> {
  // By its name too: a decision can overtake the answer that tells us the provider's id.
  const named = told.flatMap(({ channelId, updates }) =>
    updates.flatMap(({ providerId, name, language }) => [
      { channelId, providerId },
      { channelId, name, language },
    ]),
  );
  if (named.length === 0) return;
  // All of them before the first is changed.
  const templates = await lockTemplates(ctx.em, { $or: named });
  for (const { channelId, updates } of told) {
    const within: Ctx = { ...ctx, actor: { type: 'webhook', id: channelId } };
    const ours = templates.filter((one) => one.channelId === channelId);
    for (const { providerId, name, language, status, reason, category } of updates) {
      const template =
        ours.find((one) => one.providerId === providerId) ??
        ours.find((one) => one.name === name && one.language === language);
      if (!template) continue;
      if (status) await moveTemplate(within, template, { status, reason, providerId });
      if (category) await recategorise(within, template, category);
    }
  }
}

/** Whoever is sent it from now on is asked for the consent that the new category needs. */
async function recategorise(ctx: Ctx, template: Template, category: TemplateCategory): Promise<void> {
  if (template.category === category) return;
  template.category = category;
  template.updatedAt = await databaseNow(ctx.em);
  await ctx.em.flush();
}
