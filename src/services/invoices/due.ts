import { parseDueDate, type DueDate, type DueDateFault } from '../../domain/due-date.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { invalidField } from '../../errors.ts';

/** The due date as a request names it: a day or an instant. */
export function readDueDate(text: string): DueDate {
  const parsed = parseDueDate(text);
  if ('due' in parsed) return parsed.due;
  throw invalidField('due_date', words[parsed.fault]);
}

const words: Record<DueDateFault, string> = {
  malformed: 'must be a date such as 2026-12-31, or an instant such as 2026-12-31T17:00:00Z',
  no_such_day: 'is no day of the calendar',
  out_of_range: 'must be in the years 1970 to 9999',
};

/** The columns of another due date than the invoice has; nothing where it is the same, or none is named. */
export function changedDue(
  invoice: Pick<Invoice, 'dueDate' | 'dueAt'>,
  text?: string,
): ReturnType<typeof dueColumns> | undefined {
  if (text === undefined) return undefined;
  const due = dueColumns(readDueDate(text));
  const same = due.dueAt
    ? due.dueAt.getTime() === invoice.dueAt?.getTime()
    : !invoice.dueAt && due.dueDate === invoice.dueDate;
  return same ? undefined : due;
}

/** The same as the row keeps it, and back. */
export const dueColumns = (due: DueDate): Pick<Invoice, 'dueDate' | 'dueAt'> =>
  due.kind === 'date' ? { dueDate: due.date, dueAt: null } : { dueDate: null, dueAt: due.at };

export function dueOf({ dueDate, dueAt }: Pick<Invoice, 'dueDate' | 'dueAt'>): DueDate {
  if (dueAt) return { kind: 'instant', at: dueAt };
  if (dueDate === null || dueDate === undefined) throw new Error('An invoice is due on a day or at an instant');
  return { kind: 'date', date: dueDate };
}
