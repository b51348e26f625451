import { defaultWeekend } from './business-days.ts';
import { dayOf } from './calendar-day.ts';
import type { CatchUp } from './catch-up.ts';

/** A reminder as a default schedule has it; the words of the API. */
export type ReminderRule = {
  reminder_type: 'due' | 'overdue' | 'custom';
  days_before_due: number;
  business_days: boolean;
  send_at_time?: string | undefined;
  message_template: string;
  catch_up: CatchUp;
};

/** What a tenant has set about reminders. */
export type ReminderSettings = {
  /** `HH:MM` of reminders that have no time of their own. */
  reminder_time: string;
  /** Within how many seconds reminders of the same time are spread. */
  jitter_seconds: number;
  /** `YYYY-MM-DD`: on these days, and on those of the weekend (1 is Monday), there is no business. */
  holidays: string[];
  weekend: number[];
  /** The reminders of an invoice that names none. */
  default_reminders: ReminderRule[];
};

const defaults = { reminder_time: '09:00', jitter_seconds: 0 };

/** As a row keeps them; what cannot be read has its default, for the reasons of `readSettings`. */
export function readReminderSettings(json: unknown): ReminderSettings {
  const said = (typeof json === 'object' && json !== null ? json : {}) as Partial<
    Record<keyof ReminderSettings, unknown>
  >;
  const { reminder_time: time, jitter_seconds: jitter } = said;
  return {
    reminder_time: typeof time === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(time) ? time : defaults.reminder_time,
    jitter_seconds: Number.isInteger(jitter) && Number(jitter) >= 0 ? Number(jitter) : defaults.jitter_seconds,
    holidays: listOf(said.holidays, (day): day is string => typeof day === 'string' && dayOf(day) !== null) ?? [],
    weekend: listOf(said.weekend, isWeekday) ?? [...defaultWeekend],
    default_reminders: listOf(said.default_reminders, isRule) ?? [],
  };
}

const listOf = <T>(value: unknown, is: (item: unknown) => item is T): T[] | undefined =>
  Array.isArray(value) ? value.filter(is) : undefined;

const isWeekday = (day: unknown): day is number => Number.isInteger(day) && Number(day) >= 1 && Number(day) <= 7;

const isRule = (rule: unknown): rule is ReminderRule =>
  typeof rule === 'object' && rule !== null && 'message_template' in rule && 'days_before_due' in rule;
