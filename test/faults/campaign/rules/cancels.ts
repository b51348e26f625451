import { claimedAfter } from './claimed-after.ts';
import type { Evidence, Rule } from './rule.ts';

export const cancels: Rule = {
  name: 'cancels',
  says:
    'a flow of an invoice whose cancel was answered with 200 ends as cancelled, once in the audit, and no reminder of it ' +
    'was claimed after its commit',
  breaches(evidence) {
    return [
      ...ended(evidence),
      ...entered(evidence),
      ...claimedAfter(evidence.rows, evidence.rows.cancels, 'cancelled'),
    ];
  },
  figures: ({ rows }) => ({
    cancelled: rows.reminders.filter(({ status, reason }) => status === 'cancelled' && reason === 'cancelled').length,
  }),
};

function ended({ promises, rows }: Evidence): string[] {
  const flows = new Map(rows.flows.map((row) => [row.id, row]));
  return [...new Set(promises.cancels)].flatMap((id) => {
    const { status, outcome } = flows.get(id) ?? {};
    return status === 'cancelled' && outcome === 'cancelled'
      ? []
      : [`the flow of invoice ${id} was cancelled, and is ${status} ${outcome ?? ''}`.trim()];
  });
}

/** Also of what nobody was told, since the answer was lost. */
function entered({ promises, rows }: Evidence): string[] {
  const entries = Map.groupBy(rows.cancels, ({ invoice_id }) => invoice_id);
  const twice = [...entries].flatMap(([id, all]) =>
    all.length > 1 ? [`the audit says ${all.length} times that the flow of invoice ${id} was cancelled`] : [],
  );
  const unsaid = promises.cancels.filter((id) => !entries.has(id));
  return [...twice, ...unsaid.map((id) => `the audit does not say that the flow of invoice ${id} was cancelled`)];
}
