import { reader, type Scope } from '../../context.ts';
import type { Message } from '../../entities/message.ts';
import type { MessageStatusChange } from '../../entities/message-status.ts';

/** Tells for an instant that is told of a message by Postgres' clock or the provider's what it was for its flow. */
export type ToFlowTime = (at: Date, messageId: string) => Date;

/**
 * Outside of skipped time the instants are those of the flow. Under it a message was sent in the flow's now, and the
 * provider's first word of it is of the same moment; one that has not left is told of as of now.
 */
export async function toFlowTime(
  scope: Scope,
  flowId: string,
  { messages, changes }: { messages: Message[]; changes: MessageStatusChange[] },
): Promise<ToFlowTime> {
  if (!scope.deps.config.skippedTime) return (at) => at;
  const [row] = await reader(scope).execute<{ ms: number }[]>(
    'select (extract(epoch from clock_offset) * 1000)::double precision as ms from app.flows where id = ?',
    [flowId],
  );
  const ahead = new Map(
    messages.map(({ id, sentAt }) => {
      const first = changes.find(({ messageId }) => messageId === id);
      return [id, first && sentAt ? sentAt.getTime() - first.receivedAt.getTime() : (row?.ms ?? 0)];
    }),
  );
  return (at, messageId) => new Date(at.getTime() + (ahead.get(messageId) ?? 0));
}
