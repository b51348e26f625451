import { reader, type Scope } from '../../context.ts';
import { Message, messageStatuses } from '../../entities/message.ts';
import { notFound } from '../../errors.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export { messageStatuses };

export async function getMessage(scope: Scope, id: string): Promise<Message> {
  const message = await reader(scope).findOne(Message, { id });
  if (!message) throw notFound('message');
  return message;
}

export type ListMessages = PageRequest & {
  contactId?: string | undefined;
  flowId?: string | undefined;
  status?: Message['status'] | undefined;
  kind?: string | undefined;
  to?: string | undefined;
};

export function listMessages(scope: Scope, { contactId, flowId, status, kind, to, ...page }: ListMessages) {
  const where = Object.entries({ contactId, flowId, status, kind, recipient: to }).filter(
    ([, value]) => value !== undefined,
  );
  return newestPage(reader(scope), Message, Object.fromEntries(where), page) satisfies Promise<Page<Message>>;
}
