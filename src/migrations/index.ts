import type { Migration } from '@mikro-orm/migrations';
import { Identity } from './20261124-identity.ts';
import { Sending } from './20261124-sending.ts';
import { Contacts } from './20261125-contacts.ts';
import { Evidence } from './20261126-evidence.ts';
import { FairStarts } from './20261126-fair-starts.ts';
import { Imports } from './20261126-imports.ts';
import { Inbox } from './20261126-inbox.ts';
import { Ledger } from './20261126-ledger.ts';
import { migrationNames } from './names.ts';

const classes: Record<(typeof migrationNames)[number], new (...args: never[]) => Migration> = {
  '20261124-identity': Identity,
  '20261124-sending': Sending,
  '20261125-contacts': Contacts,
  '20261126-ledger': Ledger,
  '20261126-inbox': Inbox,
  '20261126-imports': Imports,
  '20261126-evidence': Evidence,
  '20261126-fair-starts': FairStarts,
};

/** In the order in which they run. A landed migration is never edited. */
export const migrations = migrationNames.map((name) => ({ name, class: classes[name] as typeof Identity }));
