/** What a message is about: a contact decides by topic. */
export const topics = ['transactional', 'reminders', 'marketing'] as const;
export type Topic = (typeof topics)[number];

/** The last word on one topic, where it came from, and when (RFC 3339). */
export type Consent = { allowed: boolean; source: string; at: string };
export type Consents = Partial<Record<Topic, Consent>>;

/** Transactional messages and reminders may be sent unless the contact said no; marketing only after a yes. */
export const mayReceive = (consents: Consents, topic: Topic): boolean =>
  consents[topic]?.allowed ?? topic !== 'marketing';
