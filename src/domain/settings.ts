import { topics, type Topic } from './consent.ts';
import { readEmailSettings, type EmailSettings } from './email-settings.ts';
import { readPaidReplies, type PaidReplies } from './paid-replies.ts';
import { readReminderSettings, type ReminderSettings } from './reminder-settings.ts';

/** No message of these topics leaves between `start` and `end` (`HH:MM`, in the contact's zone; may span midnight). */
export type QuietHours = { start: string; end: string; topics: Topic[] };
/** At most `max` messages to one contact in any `per_hours` hours; what goes by mail counts apart. */
export type FrequencyCap = { max: number; per_hours: number };

/** What a tenant has set about sending. */
export type SendingSettings = {
  quiet_hours: QuietHours | null;
  frequency_caps: Partial<Record<Topic, FrequencyCap>>;
};

/** What a tenant has set of its own. */
export type Settings = SendingSettings & ReminderSettings & PaidReplies & EmailSettings;

/** The topics that may wait for the morning; what somebody has just asked for may not. */
export const quietTopics: readonly Topic[] = ['reminders', 'marketing'];

/**
 * The settings as a row keeps them. What is absent, or is not what it should be, is off: a setting that cannot be read
 * must not keep messages from leaving.
 */
export function readSettings(json: unknown): Settings {
  const { quiet_hours: quiet, frequency_caps: caps } = isObject(json) ? json : {};
  const read = isObject(caps) ? topics.map((topic) => [topic, readCap(caps[topic])] as const) : [];
  return {
    quiet_hours: readQuietHours(quiet),
    frequency_caps: Object.fromEntries(read.filter(([, cap]) => cap !== undefined)),
    ...readReminderSettings(json),
    ...readPaidReplies(json),
    ...readEmailSettings(json),
  };
}

function readQuietHours(json: unknown): QuietHours | null {
  if (!isObject(json)) return null;
  const { start, end, topics: said } = json;
  if (!isTimeOfDay(start) || !isTimeOfDay(end) || start === end) return null;
  return {
    start,
    end,
    topics: Array.isArray(said) ? topics.filter((topic) => said.includes(topic)) : [...quietTopics],
  };
}

function readCap(json: unknown): FrequencyCap | undefined {
  if (!isObject(json)) return undefined;
  const { max, per_hours } = json;
  return isCount(max) && isCount(per_hours) ? { max, per_hours } : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;
const isTimeOfDay = (value: unknown): value is string =>
  typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value);
