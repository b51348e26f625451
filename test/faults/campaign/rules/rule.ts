import type { LedgerEntry } from '../../../../src/sandbox/ledger.ts';
import type { Mail } from '../../../../src/sandbox/mailboxes.ts';
import type { Counted } from '../counters.ts';
import type { Rows } from '../evidence.ts';
import type { Expected } from '../expected.ts';
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
  /** What its mail server accepted for their contacts. */
  mails: Mail[];
  workflows: Workflows;
  badLines: BadLine[];
  deaths: Death[];
  /** How long the fault was played. */
  seconds: number;
  /** When the world was whole again, in ms since 1970. */
  mendedAt: number;
  /** What the report says of it, and what the scenario demands of that. */
  figures: Record<string, number>;
  expects: Expected;
  /** What the scenario says of the API: why nobody may answer, and how long an answer may take. */
  answering: { unanswered?: string | undefined; withinMs: number };
  /** What the processes counted meanwhile; absent where nobody asked them. */
  counted?: Counted | undefined;
};

export type Rule = {
  name: string;
  says: string;
  /** One line for each breach, with the ids. */
  breaches(evidence: Evidence): string[];
  /** What it let pass, for the report; a scenario can bound it. */
  figures?(evidence: Evidence): Record<string, number>;
};
