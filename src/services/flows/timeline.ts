import { reader, type Scope } from '../../context.ts';
import { AuditEntry } from '../../entities/audit-entry.ts';
import { MessageAttempt } from '../../entities/message-attempt.ts';
import { Message } from '../../entities/message.ts';
import { MessageStatusChange } from '../../entities/message-status.ts';
import type { Flow } from '../../entities/flow.ts';
import { reminderOf } from '../reminders/keys.ts';
import { futureOf, type Planned } from './future.ts';
import { getFlow } from './get.ts';
import { unsentEvents, unsentReminders } from './unsent.ts';
import { toFlowTime, type ToFlowTime } from './skipped.ts';

/**
 * `by` is the kind of whoever did it and `by_id` who of these it was, where that is not the flow itself; `item` the
 * reminder that it is about, and `to` where that was moved.
 */
export type Happened = {
  at: Date;
  what: string;
  by: string;
  by_id?: string;
  item?: string;
  message_id?: string;
  to?: string;
  detail?: string;
};
export type Timeline = {
  past: Happened[];
  current: { stage: string; status: Flow['status']; outcome: string | null };
  future: Planned[];
};

/** A flow's story, from rows alone: it can be read while no worker runs and Temporal is away. */
export async function flowTimeline(scope: Scope, id: string): Promise<Timeline> {
  const flow = await getFlow(scope, id);
  const em = reader(scope);
  const [entries, messages, unsent] = await Promise.all([
    em.fork().find(AuditEntry, { targetId: id }, { orderBy: { at: 'asc' } }),
    em.fork().find(Message, { flowId: id }, { orderBy: { id: 'asc' } }),
    flow.kind === 'invoice' ? unsentReminders(em, id) : [],
  ]);
  const ofMessages = { messageId: { $in: messages.map((message) => message.id) } };
  const [changes, attempts] = await Promise.all([
    em.fork().find(MessageStatusChange, ofMessages, { orderBy: { receivedAt: 'asc' } }),
    em.fork().find(MessageAttempt, { ...ofMessages, outcome: { $ne: 'accepted' } }),
  ]);
  const of = new Map(messages.map((message) => [message.id, idsOf(message)]));
  const flowTime = await toFlowTime(scope, id, { messages, changes });
  const past = [
    ...entries.map(({ at, action, actorType, actorId, detail, reason }) => ({
      at,
      what: action,
      by: actorType,
      ...(actorId && { by_id: actorId }),
      ...detail,
      ...(reason && { detail: reason }),
    })),
    ...unsentEvents(unsent, { entries, messages }),
    ...messages.flatMap((message) => messageEvents(message, flowTime)),
    ...attempts.map(({ endedAt, outcome, messageId, code, detail }) => ({
      at: endedAt,
      what: `message.${outcome}`,
      by: 'flow',
      ...of.get(messageId),
      ...(detail || code ? { detail: detail ?? `error ${code}` } : {}),
    })),
    ...firstOfEach(changes).map(({ at, receivedAt, status, messageId, errorCode }) => ({
      // Meta tells whole seconds: cut off, a status would seem older than the call that brought it about.
      at: flowTime(receivedAt.getTime() - at.getTime() < 2_000 ? receivedAt : at, messageId),
      what: `message.${status}`,
      by: 'provider',
      ...of.get(messageId),
      ...(errorCode ? { detail: `error ${errorCode}` } : {}),
    })),
    ...endOf(flow, entries),
  ];
  return {
    past: past.toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    current: { stage: flow.stage, status: flow.status, outcome: flow.outcome ?? null },
    future: await futureOf(em, flow),
  };
}

/** Each envelope that says so is kept as evidence; it happened once. In order of arrival. */
const firstOfEach = (changes: MessageStatusChange[]): MessageStatusChange[] =>
  Array.from(
    Map.groupBy(changes, ({ messageId, status }) => `${messageId} ${status}`).values(),
    ([first]) => first,
  ).filter((first) => first !== undefined);

const idsOf = ({ id, key }: Message): { message_id: string; item?: string } => {
  const item = reminderOf(key);
  return { ...(item !== undefined && { item }), message_id: id };
};

/** What our own side did with a message. What the provider said of it stands in the status rows. */
function messageEvents(message: Message, flowTime: ToFlowTime): Happened[] {
  const { id, createdAt, updatedAt, status, sentAt, attempts, content, errorCode, reason } = message;
  const ids = idsOf(message);
  const planned = {
    at: flowTime(createdAt, id),
    what: 'message.planned',
    by: 'flow',
    ...ids,
    ...('instead_of' in content ? { detail: 'once more, since the fate of the first is unknown' } : {}),
  };
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  if (sentAt) return [planned, { at: sentAt, what: 'message.accepted', by: 'flow', ...ids, detail: tries }];
  if (status === 'queued') return [planned];
  const detail = [tries, errorCode && `error ${errorCode}`, reason].filter(Boolean).join(', ');
  return [planned, { at: flowTime(updatedAt, id), what: `message.${status}`, by: 'flow', ...ids, detail }];
}

/** An end that no request brought about, such as the expiry. */
function endOf(flow: Flow, entries: AuditEntry[]): Happened[] {
  // What became of a message stands in its own events.
  if (flow.kind === 'message') return [];
  if (!flow.endedAt || !flow.outcome || entries.some(({ action }) => action === `${flow.kind}.${flow.outcome}`))
    return [];
  return [{ at: flow.endedAt, what: `${flow.kind}.${flow.outcome}`, by: 'flow' }];
}
