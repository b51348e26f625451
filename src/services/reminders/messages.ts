import type { Ctx } from '../../context.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Message } from '../../entities/message.ts';
import type { Reminder } from '../../entities/reminder.ts';
import { mailOf } from './email.ts';
import { mailKeyOf, messageKeyOf } from './keys.ts';
import { messageOf } from './message.ts';

/** `mailId` is the mail that goes beside the message; where there is only a mail it is the message itself. */
export type Written = { messageId: string; mailId?: string };

/** Writes what a reminder sends into the ledger, by WhatsApp and by mail, as `messageOf` says. */
export async function messagesOf(
  ctx: Ctx,
  invoice: Invoice,
  reminder: Reminder,
): Promise<Written | { reason: string }> {
  const message = await messageOf(ctx, invoice, reminder);
  const mailId = await mailOf(ctx, invoice, reminder);
  if (mailId === undefined) return message;
  return 'reason' in message ? { messageId: mailId } : { ...message, mailId };
}

/** What of a reminder is in the ledger already. */
export async function writtenOf({ em }: Ctx, { id }: Reminder): Promise<Written | { reason: string }> {
  const [key, mailKey] = [messageKeyOf(id), mailKeyOf(id)];
  const rows = await em.find(Message, { key: { $in: [key, mailKey] } }, { orderBy: { key: 'asc' } });
  const [first, second] = rows.map((row) => row.id);
  if (first === undefined) return { reason: 'cancelled' };
  return { messageId: first, ...(second !== undefined && { mailId: second }) };
}
