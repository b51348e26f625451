import type { Migration } from '@mikro-orm/migrations';
import { Identity } from './20261124-identity.ts';
import { Sending } from './20261124-sending.ts';
import { Contacts } from './20261125-contacts.ts';
import { ContactTags } from './20261126-contact-tags.ts';
import { EarlierContacts } from './20261126-earlier-contacts.ts';
import { Evidence } from './20261126-evidence.ts';
import { FairStarts } from './20261126-fair-starts.ts';
import { Imports } from './20261126-imports.ts';
import { Connections } from './20261129-connections.ts';
import { Inbox } from './20261126-inbox.ts';
import { Invoices } from './20261128-invoices.ts';
import { Ledger } from './20261126-ledger.ts';
import { OperatingFigures } from './20261126-operating-figures.ts';
import { Lateness } from './20261127-lateness.ts';
import { TraceContext } from './20261127-trace-context.ts';
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
  '20261126-contact-tags': ContactTags,
  '20261126-earlier-contacts': EarlierContacts,
  '20261126-operating-figures': OperatingFigures,
  '20261127-trace-context': TraceContext,
  '20261127-lateness': Lateness,
  '20261128-invoices': Invoices,
  '20261129-connections': Connections,
};

/** In the order in which they run. A landed migration is never edited. */
export const migrations = migrationNames.map((name) => ({ name, class: classes[name] as typeof Identity }));
