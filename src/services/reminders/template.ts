import type { Ctx } from '../../context.ts';
import { Channel } from '../../entities/channel.ts';
import type { Reminder } from '../../entities/reminder.ts';
import { Template } from '../../entities/template.ts';
import { AppError } from '../../errors.ts';
import { defaultChannel } from '../channels/default.ts';
import { ensureTemplate } from '../templates/compile.ts';
import { invoiceFields } from './text.ts';

/**
 * The template that a reminder leaves with: its own, as long as the channel of that is there, else the same text on the
 * channel that the tenant sends from now. One that is new there is submitted by the reconciler, and the reminder waits
 * until it is approved. Answers why not where there is none.
 */
export async function templateOf(
  ctx: Ctx,
  reminder: Reminder,
  language: string,
): Promise<Template | { missing: string }> {
  const own = reminder.templateId ? await ctx.em.findOne(Template, { id: reminder.templateId }) : null;
  const channel = own && (await ctx.em.findOne(Channel, { id: own.channelId, deletedAt: null }));
  if (own && channel) return own;
  try {
    const { id: channelId } = await defaultChannel(ctx.em);
    const template = await ensureTemplate(ctx, {
      channelId,
      text: reminder.messageTemplate,
      language: own?.language ?? language,
      category: 'utility',
      entity: invoiceFields,
    });
    reminder.templateId = template.id;
    return template;
  } catch (error) {
    // The text does not suit that channel, or there is none: a flow that tries for ever says it to nobody.
    if (error instanceof AppError) return { missing: error.code };
    throw error;
  }
}
