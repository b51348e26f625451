/** What a message is about: a contact decides by topic. */
export const topics = ['transactional', 'reminders', 'marketing'] as const;
export type Topic = (typeof topics)[number];

type Word = { allowed: boolean; source: string; at: string };
/**
 * The last word on one topic, where it came from, and when (RFC 3339). Under a no that the person told WhatsApp stands
 * what was in force `before`, if anything had been said: that is what the person can give back.
 */
export type Consent = Word & { before?: Word };
export type Consents = Partial<Record<Topic, Consent>>;

/** Transactional messages and reminders may be sent unless the contact said no; marketing only after a yes. */
export const mayReceive = (consents: Consents, topic: Topic): boolean =>
  consents[topic]?.allowed ?? topic !== 'marketing';
