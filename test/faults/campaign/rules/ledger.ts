import type { Rule } from './rule.ts';

/** States that say that the provider does not have it. */
const notThere = new Set(['queued', 'cancelled', 'expired']);

export const ledgerAndRows: Rule = {
  name: 'ledger',
  says: 'what the provider took and what the rows say agree, each way',
  breaches({ rows, ledger }) {
    const byId = new Map(rows.messages.map((row) => [row.id, row]));
    const accepted = new Set(ledger.map(({ opaque_id }) => opaque_id));
    const taken = ledger.flatMap((entry) => {
      const row = byId.get(entry.opaque_id ?? '');
      if (!row) return [`the provider took ${entry.opaque_id}, which no row knows`];
      if (row.recipient !== entry.to) return [`message ${row.id} went to another phone than its row says`];
      const failed = row.status === 'failed' && !entry.plan.some(({ status }) => status === 'failed');
      return notThere.has(row.status) || failed ? [`the provider took ${row.id}, whose row says ${row.status}`] : [];
    });
    const untaken = rows.messages
      .filter(({ id, status }) => ['sent', 'delivered', 'read'].includes(status) && !accepted.has(id))
      .map(({ id, status }) => `message ${id} is ${status}, and the provider never took it`);
    return [...taken, ...untaken];
  },
};
