import { mailKeyOf, messageKeyOf } from '../../../../src/services/reminders/keys.ts';
import { takenOf } from '../evidence.ts';
import { createFates } from '../fates.ts';
import { claimedAfter } from './claimed-after.ts';
import type { Evidence, Rule } from './rule.ts';

export const payments: Rule = {
  name: 'payments',
  says:
    'a payment that was answered with 200 is booked once and pays its invoice; what it has cancelled never left, and no ' +
    'reminder was claimed after its commit',
  breaches(evidence) {
    return [
      ...evidence.promises.refused.filter((answer) => answer.includes('/payments ')),
      ...booked(evidence),
      ...cancelled(evidence),
      ...claimedAfter(evidence.rows, evidence.rows.payments, 'paid'),
      ...receipts(evidence),
    ];
  },
  figures: ({ promises: { payments: told }, rows }) => ({
    payments: new Set(told.map(({ reference }) => reference)).size,
    stopped: rows.reminders.filter(({ status, reason }) => status === 'cancelled' && reason === 'paid').length,
  }),
};

/** Also of what nobody was told, since the answer was lost. */
function booked({ promises, rows }: Evidence): string[] {
  const entries = Map.groupBy(rows.payments, ({ invoice_id, reference }) => `${reference} of invoice ${invoice_id}`);
  const twice = [...entries].flatMap(([name, all]) =>
    all.length > 1 ? [`payment ${name} is booked ${all.length} times`] : [],
  );
  const byId = new Map(rows.invoices.map((row) => [row.id, row]));
  const wrong = promises.payments.flatMap(({ invoiceId, reference }) => {
    const name = `${reference} of invoice ${invoiceId}`;
    const { status, amount, paid } = byId.get(invoiceId) ?? {};
    if (!entries.has(name)) return [`payment ${name} was answered for, and is not booked`];
    return status === 'paid' && paid === amount ? [] : [`invoice ${invoiceId} is ${status}: ${paid} of ${amount} paid`];
  });
  return [...twice, ...wrong];
}

function cancelled({ promises, rows, ledger, mails }: Evidence): string[] {
  const taken = new Set(takenOf({ ledger, mails }).map(({ id }) => id));
  const byKey = new Map(rows.messages.map((row) => [row.key, row]));
  return promises.payments.flatMap(({ invoiceId, cancelled: ids }) =>
    ids.flatMap((id) => {
      const left = [messageKeyOf(id), mailKeyOf(id)].filter((key) => taken.has(byKey.get(key)?.id ?? ''));
      return left.map((key) => `${key} of invoice ${invoiceId} was cancelled by a payment, and left`);
    }),
  );
}

/** A receipt is promised with the payment, to whoever has an address. */
function receipts(evidence: Evidence): string[] {
  const { promises, rows } = evidence;
  const { ofMessage } = createFates(evidence);
  const byKey = new Map(rows.messages.map((row) => [row.key, row]));
  const mailed = new Set(promises.invoices.flatMap(({ id, email }) => (email === undefined ? [] : [id])));
  const paid = new Set(promises.payments.map(({ invoiceId }) => invoiceId).filter((id) => mailed.has(id)));
  return [...paid].flatMap((id) => {
    const row = byKey.get(`invoice:${id}:paid:email`);
    const fate = row && ofMessage(row);
    return fate !== undefined && fate !== 'stopped'
      ? []
      : [`the receipt of invoice ${id} is ${row?.status ?? 'not there'}`];
  });
}
