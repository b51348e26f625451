import type { Ctx } from '../../context.ts';
import { Channel } from '../../entities/channel.ts';
import type { ReadWebhook } from '../messages/apply-statuses.ts';

/** One webhook address may serve several numbers of a tenant; what is about any other number is none of ours. */
export async function ownNumbers(ctx: Ctx): Promise<Set<string>> {
  const channels = await ctx.em.find(Channel, { type: 'whatsapp', deletedAt: null }, { fields: ['phoneNumberId'] });
  return new Set(channels.flatMap(({ phoneNumberId }) => phoneNumberId ?? []));
}

/** Counts what is passed over since it is about a number that the tenant does not have. */
export async function countForeign(ctx: Ctx, webhooks: ReadWebhook[], numbers: Set<string>): Promise<void> {
  for (const { id, content } of webhooks) {
    const items = [...content.inbound, ...content.preferences];
    const foreign = items.filter(({ phoneNumberId }) => !numbers.has(phoneNumberId)).length;
    if (foreign === 0) continue;
    await ctx.em.execute('update app.webhook_inbox set unreadable = unreadable + ? where id = ?', [foreign, id]);
  }
}
