import { mailKeyOf, messageKeyOf } from '../../../../src/services/reminders/keys.ts';
import { createFates, type Fate } from '../fates.ts';
import type { MessageRow, ReminderRow } from '../evidence.ts';
import type { PromisedInvoice } from '../promises.ts';
import type { Evidence, Rule } from './rule.ts';

export const invoices: Rule = {
  name: 'invoices',
  says:
    'an invoice that was answered with 201 is there, its flow waits for as long as a reminder does, and each that was ' +
    'due left by every medium, or says why not',
  breaches(evidence) {
    const look = createLook(evidence);
    const unlike = evidence.promises.refused.filter((answer) => !answer.includes('/payments '));
    return [...unlike, ...evidence.promises.invoices.flatMap((invoice) => look.breachesOf(invoice))];
  },
  figures(evidence) {
    const { promises, mails } = evidence;
    const { fatesOf } = createLook(evidence);
    const fates = promises.invoices.flatMap(fatesOf);
    const count = (wanted: Fate) => fates.filter((fate) => fate === wanted).length;
    return {
      invoices: promises.invoices.length,
      reminders_taken: count('taken'),
      reminders_in_doubt: count('in_doubt'),
      reminders_held: count('held'),
      mails: mails.length,
    };
  },
};

/**
 * What the rows of its messages say where a reminder's own is true; one of them does. One that was sent may have failed
 * on its way from the provider, which says so later.
 */
const meanings: Record<string, string[]> = {
  sent: ['sent', 'delivered', 'read'],
  unknown: ['unknown'],
  failed: ['failed'],
  sending: ['queued'],
};

function createLook(evidence: Evidence) {
  const { rows } = evidence;
  const { ofMessage } = createFates(evidence);
  const byId = new Map(rows.invoices.map((row) => [row.id, row]));
  const flows = new Map(rows.flows.filter(({ kind }) => kind === 'invoice').map((row) => [row.id, row]));
  const byInvoice = Map.groupBy(rows.reminders, ({ invoice_id }) => invoice_id);
  const byKey = new Map(rows.messages.map((row) => [row.key, row]));
  const cancelled = new Set(rows.cancels.map(({ invoice_id }) => invoice_id));

  /** Of a reminder, by each medium that it goes by. */
  const sendsOf = (id: string, { email }: PromisedInvoice): [string, MessageRow | undefined][] => [
    ['message', byKey.get(messageKeyOf(id))],
    ...(email === undefined ? [] : [['mail', byKey.get(mailKeyOf(id))] as [string, MessageRow | undefined]]),
  ];

  /** `ended`: what has put an end to its reminders, if anything has. */
  const ofReminder = (
    { id, status, reason }: ReminderRow,
    promised: PromisedInvoice,
    ended: 'paid' | 'cancelled' | undefined,
  ): string[] => {
    const told = `reminder ${id} of invoice ${promised.id} is ${status} ${reason ?? ''}`.trim();
    if (status === 'scheduled') return ended ? [`${told}, and its invoice is ${ended}`] : [];
    if (status === 'cancelled') return ended === reason ? [] : [`${told}, and nothing says why`];
    const meaning = meanings[status];
    if (!meaning) return [`${told}, which nothing in the load asks for`];
    const sends = sendsOf(id, promised).map(([medium, row]) => ({ medium, row, fate: row && ofMessage(row) }));
    const lost = sends.flatMap(({ medium, row, fate }) =>
      fate === undefined || (fate === 'stopped' && row?.reason !== ended)
        ? [`${told}, and its ${medium} is ${row ? `${row.status} ${row.reason}` : 'not there'}`]
        : [],
    );
    const states = sends.map(({ row }) => row?.status ?? 'none');
    const left = status === 'sent' && sends.some(({ row, fate }) => row?.status === 'failed' && fate === 'taken');
    return left || states.some((state) => meaning.includes(state)) ? lost : [...lost, `${told}: ${states.join()}`];
  };

  return {
    fatesOf: (promised: PromisedInvoice): (Fate | undefined)[] =>
      promised.reminders.flatMap((id) => sendsOf(id, promised).flatMap(([, row]) => (row ? [ofMessage(row)] : []))),
    breachesOf(promised: PromisedInvoice): string[] {
      const told = `invoice ${promised.id}`;
      const [row, flow] = [byId.get(promised.id), flows.get(promised.id)];
      if (!row) return [`${told} was promised and has no row`];
      if (!flow) return [`${told} has no flow`];
      const own = byInvoice.get(promised.id) ?? [];
      const missing = promised.reminders.filter((id) => !own.some((one) => one.id === id));
      const waits = own.some(({ status }) => status === 'scheduled' || status === 'sending');
      const runs = flow.status === 'running';
      return [
        ...missing.map((id) => `reminder ${id} of ${told} was promised and has no row`),
        ...(waits === runs
          ? []
          : [`the flow of ${told} is ${flow.status}, and its reminders ${waits ? '' : 'do not '}wait`]),
        ...own.flatMap((one) =>
          ofReminder(one, promised, row.status === 'paid' ? 'paid' : cancelled.has(row.id) ? 'cancelled' : undefined),
        ),
      ];
    },
  };
}
