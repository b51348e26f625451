import type { LedgerEntry } from '../../../../src/sandbox/ledger.ts';
import type { Rows } from '../evidence.ts';
import type { BadLine } from '../log-watch.ts';
import type { Death } from '../part.ts';
import type { Promises } from '../promises.ts';
import type { Workflows } from '../workflows.ts';

/** All that the judge looks at, once everything is still. */
export type Evidence = {
  promises: Promises;
  rows: Rows;
  /** What the provider accepted from these tenants. */
  ledger: LedgerEntry[];
  workflows: Workflows;
  badLines: BadLine[];
  deaths: Death[];
};

export type Rule = {
  name: string;
  says: string;
  /** One line for each breach, with the ids. */
  breaches(evidence: Evidence): string[];
};
