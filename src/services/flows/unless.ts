import type { Message } from '../../entities/message.ts';
import type { Reminder } from '../../entities/reminder.ts';

/** What can keep something from happening that a flow has planned. */
export const stoppers = [
  'paid',
  'void',
  'uncollectible',
  'skipped',
  'paused',
  'cancelled',
  'opted_out',
  'unsubscribed',
  'contact_gone',
  'superseded',
  'promised',
  'too_late',
  'template_not_approved',
] as const;
export type Stopper = (typeof stoppers)[number];

/**
 * What of a reminder is still to come: it leaves, or only its mail does, or it has left and its fate is awaited. `partly`:
 * it has left by one medium, and waits in the other.
 */
export type Waiting = { what: 'send' | 'send_email' | 'settle'; message: Message | undefined; partly: boolean };

const isUnsent = ({ status }: Message): boolean => status === 'queued' || status === 'sending';
const hasFailed = ({ status }: Message): boolean => ['failed', 'cancelled', 'expired'].includes(status);

/** By what is in the ledger of it. `byMail`: nothing is yet, and there will be a mail alone. */
export function waitingOf(message: Message | undefined, mail: Message | undefined, byMail: boolean): Waiting {
  const written = [message, mail].filter((one) => one !== undefined);
  const partly = written.some((one) => !isUnsent(one) && !hasFailed(one));
  if (message && isUnsent(message)) return { what: 'send', message, partly };
  if (mail && isUnsent(mail)) return { what: 'send_email', message: mail, partly };
  const unknown = written.find(({ status }) => status === 'unknown');
  if (unknown) return { what: 'settle', message: unknown, partly };
  return { what: byMail ? 'send_email' : 'send', message: undefined, partly };
}

/** What could still stop a reminder. Nothing stops what the provider has been asked for. */
export function unlessOf(
  { catchUp, plannedAt }: Reminder,
  { what, message, partly }: Waiting,
  { all, approved }: { all: Reminder[]; approved: boolean },
): Stopper[] {
  if (what === 'settle' || message?.status === 'sending') return [];
  const later = all.filter((other) => Number(other.plannedAt) > Number(plannedAt));
  // One that has left by one medium gives way to any other.
  const overtaken = partly
    ? later.length > 0
    : catchUp === 'send_once' && later.some((other) => other.catchUp !== 'drop');
  const dropped = catchUp === 'drop';
  return [
    'paid',
    'void',
    'uncollectible',
    'skipped',
    'paused',
    'cancelled',
    'opted_out',
    ...(what === 'send_email' ? (['unsubscribed'] as const) : []),
    'contact_gone',
    ...(overtaken ? (['superseded'] as const) : []),
    ...(dropped || overtaken ? (['promised'] as const) : []),
    ...(dropped ? (['too_late'] as const) : []),
    ...(what === 'send' && !approved ? (['template_not_approved'] as const) : []),
  ];
}
