import { lapseOf, type CatchUp } from './catch-up.ts';
import { mayReceive, type Consents, type Topic } from './consent.ts';
import { bulkPace, BULK_PRIORITY, buckets, numberPace, token } from './pacing.ts';
import { quietUntil } from './quiet-hours.ts';
import type { SendingSettings } from './settings.ts';

/** Why a message waits. */
export type HoldReason =
  | 'scheduled'
  | 'flow_paused'
  | 'channel_paused'
  | 'template_pending'
  | 'template_paused'
  | 'quiet_hours_until'
  | 'frequency_cap'
  | 'provider_asked'
  | 'recipient_pace'
  | 'number_pace';

/** Why a message will never leave. */
export type EndReason =
  | 'tenant_deleted'
  | 'channel_deleted'
  | 'contact_deleted'
  | 'phone_changed'
  | 'address_changed'
  | 'erased'
  | 'opted_out'
  | 'unsubscribed'
  | 'not_opted_in'
  | 'template_rejected'
  | 'outside_window'
  | 'too_late'
  | 'superseded'
  | ClosedAs;

/** How an invoice was closed of which nobody is to be reminded any more. */
export type ClosedAs = 'paid' | 'void' | 'uncollectible';

/** Everything that decides when a message may leave, as it stands in rows at one instant. */
export type Situation = {
  now: Date;
  message: {
    topic: Topic | null;
    priority: number;
    /**
     * `free` needs the service window, `template` does not; `either` has an approved text for outside of it. Of a mail
     * WhatsApp's rules ask nothing.
     */
    form: 'free' | 'template' | 'either' | 'mail';
    plannedAt: Date | null;
    latestUsefulAt: Date | null;
    catchUp: CatchUp;
    /** Until then the provider has asked to be left alone with it. */
    notBefore: Date | null;
    /** Its place in the number's pace, once it has been given one. */
    slotAt: Date | null;
    /** Another message of its flow is due as well, and younger. */
    newerIsDue: boolean;
  };
  /** Of a reminder: what has become of its invoice while the call was under way after which it is tried again, say. */
  closed?: ClosedAs | null;
  /** Somebody has paused the flow that it belongs to. */
  flowPaused: boolean;
  tenant: { deleted: boolean; settings: SendingSettings };
  channel: { deleted: boolean; paused: boolean; perSecond: number };
  /** `hasPhone`: the contact still has the phone, or the mail address, that the message goes to. */
  contact: {
    erased: boolean;
    deleted: boolean;
    hasPhone: boolean;
    consents: Consents;
    timeZone: string;
    /** Whoever reads mail at the address wants none of this topic, and has said so there. */
    unsubscribed?: boolean;
  };
  template: {
    status: 'draft' | 'pending' | 'approved' | 'rejected' | 'paused' | 'disabled';
    category: 'authentication' | 'utility' | 'marketing';
  } | null;
  windowClosesAt: Date | null;
  /** When messages of this topic left for this contact, the latest first. */
  recent: Date[];
  /** When each bucket is full again. */
  full: { number: Date | null; bulk: Date | null; recipient: Date | null };
};

export type Buckets = { number?: Date; bulk?: Date; recipient?: Date };
export type Decision =
  | { verdict: 'go'; as: 'content' | 'template'; buckets: Buckets }
  | { verdict: 'hold'; until: Date; reason: HoldReason; slotAt?: Date; buckets?: Buckets }
  | { verdict: 'end'; status: 'cancelled' | 'expired' | 'failed'; reason: EndReason | HoldReason };

/** How soon something is looked at again that a signal, or a person, brings on. */
const LOOK_AGAIN_MS = {
  flow_paused: 60 * 60_000,
  channel_paused: 15 * 60_000,
  template_pending: 15 * 60_000,
  template_paused: 30 * 60_000,
};

/** How late a message may come to its place in the pace of a number. */
const SLOT_KEEPS_MS = 3_000;

/** The one place that decides when, and how, the next message to a contact may leave. */
export function govern(situation: Situation): Decision {
  const decision = endOf(situation) ?? holdOf(situation) ?? pace(situation);
  const { latestUsefulAt, catchUp } = situation.message;
  if (decision.verdict !== 'hold' || catchUp !== 'drop' || !latestUsefulAt || decision.until < latestUsefulAt)
    return decision;
  // What somebody may lift at any time can still be lifted in time.
  if (decision.reason in LOOK_AGAIN_MS) return { ...decision, until: latestUsefulAt };
  // To wait for longer than it is useful is to wait for nothing.
  return { verdict: 'end', status: 'expired', reason: decision.reason };
}

function endOf({ now, message, tenant, channel, contact, template, closed }: Situation): Decision | undefined {
  const cancelled = (reason: EndReason): Decision => ({ verdict: 'end', status: 'cancelled', reason });
  if (tenant.deleted) return cancelled('tenant_deleted');
  if (channel.deleted) return cancelled('channel_deleted');
  if (closed) return cancelled(closed);
  if (contact.erased) return cancelled('erased');
  if (contact.deleted) return cancelled('contact_deleted');
  if (!contact.hasPhone) return cancelled(message.form === 'mail' ? 'address_changed' : 'phone_changed');
  // The provider may move a template to marketing after the message was planned.
  const topics = [message.topic, template?.category === 'marketing' ? ('marketing' as const) : null];
  const refused = topics.find((topic) => topic && !mayReceive(contact.consents, topic));
  if (refused) return cancelled(contact.consents[refused] ? 'opted_out' : 'not_opted_in');
  if (contact.unsubscribed) return cancelled('unsubscribed');
  const lapse = lapseOf({ ...message, now });
  if (lapse) return lapse === 'too_late' ? { verdict: 'end', status: 'expired', reason: lapse } : cancelled(lapse);
  return undefined;
}

function holdOf(situation: Situation): Decision | undefined {
  const { now, message, channel, contact, tenant } = situation;
  const hold = (reason: HoldReason, until: Date): Decision => ({ verdict: 'hold', reason, until });
  const lookAgain = (reason: keyof typeof LOOK_AGAIN_MS) =>
    hold(reason, new Date(now.getTime() + LOOK_AGAIN_MS[reason]));

  if (situation.flowPaused) return lookAgain('flow_paused');
  if (message.plannedAt && message.plannedAt > now) return hold('scheduled', message.plannedAt);
  const quiet = tenant.settings.quiet_hours;
  if (quiet && message.topic && quiet.topics.includes(message.topic)) {
    const until = quietUntil(quiet, contact.timeZone, now);
    if (until) return hold('quiet_hours_until', until);
  }
  const cap = message.topic ? tenant.settings.frequency_caps[message.topic] : undefined;
  const oldest = cap && situation.recent[cap.max - 1];
  if (oldest) {
    const until = new Date(oldest.getTime() + cap.per_hours * 3_600_000);
    if (until > now) return hold('frequency_cap', until);
  }
  if (channel.paused) return lookAgain('channel_paused');
  if (message.notBefore && message.notBefore > now) return hold('provider_asked', message.notBefore);
  if (message.form === 'mail') return undefined;
  if (message.form === 'template' || !isOpen(situation)) {
    if (message.form === 'free' || !situation.template)
      return { verdict: 'end', status: 'failed', reason: 'outside_window' };
    switch (situation.template.status) {
      case 'draft':
      case 'pending':
        return lookAgain('template_pending');
      case 'paused':
        return lookAgain('template_paused');
      case 'rejected':
      case 'disabled':
        return { verdict: 'end', status: 'failed', reason: 'template_rejected' };
      case 'approved':
    }
  }
  return undefined;
}

const isOpen = ({ windowClosesAt, now }: Situation): boolean => windowClosesAt !== null && windowClosesAt > now;

/** Takes a token of the recipient's bucket and a place in the number's pace, or neither. */
function pace(situation: Situation): Decision {
  const { now, message, channel, full } = situation;
  const recipient = token(buckets.recipient, full.recipient, now);
  if (recipient.at > now) return { verdict: 'hold', reason: 'recipient_pace', until: recipient.at };

  const bulk = message.priority >= BULK_PRIORITY;
  const number = token(numberPace(channel.perSecond), full.number, now);
  const own = bulk ? token(bulkPace(channel.perSecond), full.bulk, now) : number;
  // A place that went by while nobody came for it, in an outage say, is none: all of them at once would be a flood.
  const placed = message.slotAt !== null && now.getTime() - message.slotAt.getTime() < SLOT_KEEPS_MS;
  const slotAt = placed && message.slotAt ? message.slotAt : own.at;
  const taken: Buckets = placed ? {} : bulk ? { bulk: own.nextAt } : { number: own.nextAt };
  // A place is given once, in order of asking: to ask again and again would be a race that the late ones win.
  if (slotAt > now) return { verdict: 'hold', reason: 'number_pace', until: slotAt, slotAt, buckets: taken };
  return {
    verdict: 'go',
    as: message.form === 'template' || (message.form === 'either' && !isOpen(situation)) ? 'template' : 'content',
    // Bulk has its own share, and counts in the whole when it leaves.
    buckets: { ...taken, ...(bulk ? { number: number.nextAt } : {}), recipient: recipient.nextAt },
  };
}
