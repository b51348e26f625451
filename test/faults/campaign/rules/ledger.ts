import { takenOf } from '../evidence.ts';
import type { Rule } from './rule.ts';

/** States that say that nobody has taken it. */
const notThere = new Set(['queued', 'cancelled', 'expired']);

export const ledgerAndRows: Rule = {
  name: 'ledger',
  says: 'what the provider and the mailboxes took and what the rows say agree, each way',
  breaches({ rows, ledger, mails }) {
    const byId = new Map(rows.messages.map((row) => [row.id, row]));
    const all = takenOf({ ledger, mails });
    const accepted = new Set(all.map(({ id }) => id));
    const refusedLater = new Set(
      ledger.filter(({ plan }) => plan.some(({ status }) => status === 'failed')).map(({ opaque_id }) => opaque_id),
    );
    const taken = all.flatMap(({ id, to }) => {
      const row = byId.get(id ?? '');
      if (!row) return [`somebody took ${id}, which no row knows`];
      if (row.recipient !== to) return [`message ${row.id} went to somebody else than its row says`];
      const failed = row.status === 'failed' && !refusedLater.has(id);
      return notThere.has(row.status) || failed ? [`somebody took ${row.id}, whose row says ${row.status}`] : [];
    });
    const untaken = rows.messages
      .filter(({ id, status }) => ['sent', 'delivered', 'read'].includes(status) && !accepted.has(id))
      .map(({ id, status }) => `message ${id} is ${status}, and nobody ever took it`);
    return [...taken, ...untaken];
  },
};
