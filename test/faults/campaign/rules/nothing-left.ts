import type { Rule } from './rule.ts';
import { unsettled } from '../unsettled.ts';

export const nothingLeft: Rule = {
  name: 'nothing left',
  says: 'the outbox and the inbox are empty, nothing is given up, and nothing is overdue',
  breaches: ({ rows, ledger }) => unsettled(rows, ledger),
};
