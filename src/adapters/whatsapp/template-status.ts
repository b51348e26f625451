import type { TemplateStatus } from './types.ts';

/**
 * Meta's words for the state of a template, in its lists and in its webhooks. Words that say nothing about whether it
 * may be sent (FLAGGED, LOCKED) are not here.
 */
const statuses: ReadonlyMap<string, TemplateStatus> = new Map<string, TemplateStatus>([
  ['APPROVED', 'approved'],
  ['REINSTATED', 'approved'],
  ['UNARCHIVED', 'approved'],
  ['PENDING', 'pending'],
  ['IN_APPEAL', 'pending'],
  ['REJECTED', 'rejected'],
  // The account has as many templates as it may: this one was not taken.
  ['LIMIT_EXCEEDED', 'rejected'],
  ['PAUSED', 'paused'],
  ['DISABLED', 'disabled'],
  ['ARCHIVED', 'disabled'],
  ['DELETED', 'disabled'],
  ['PENDING_DELETION', 'disabled'],
]);

export const readTemplateStatus = (word: string): TemplateStatus | undefined => statuses.get(word.toUpperCase());

/** Meta writes NONE where there is no reason. */
export const readReason = (word: string | null | undefined): string | undefined =>
  word && word.toUpperCase() !== 'NONE' ? word.slice(0, 500) : undefined;
