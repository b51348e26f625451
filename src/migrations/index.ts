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
import { Email } from './20261130-email.ts';
import { Idempotency } from './20261130-idempotency.ts';
import { Inbox } from './20261126-inbox.ts';
import { Invoices } from './20261128-invoices.ts';
import { KeyRotation } from './20261130-key-rotation.ts';
import { Ledger } from './20261126-ledger.ts';
import { OperatingFigures } from './20261126-operating-figures.ts';
import { PaymentPages } from './20261130-payment-pages.ts';
import { Lists } from './20261130-lists.ts';
import { Lateness } from './20261127-lateness.ts';
import { TraceContext } from './20261127-trace-context.ts';
import { SkippedTime } from './20261130-skipped-time.ts';
import { Users } from './20261130-users.ts';
import { AuditDetail } from './20261130-audit-detail.ts';
import { UnseenPasscodes } from './20261201-unseen-passcodes.ts';
import { UserLimits } from './20261201-user-limits.ts';
import { UserAnswers } from './20261201-user-answers.ts';
import { ProviderWaits } from './20261201-provider-waits.ts';
import { OpenPages } from './20261201-open-pages.ts';
import { FlowWakes } from './20261201-flow-wakes.ts';
import { LateSignals } from './20261201-late-signals.ts';
import { Passwords } from './20261201-passwords.ts';
import { Purge } from './20261201-purge.ts';
import { TenantList } from './20261201-tenant-list.ts';
import { PausedChannels } from './20261202-paused-channels.ts';
import { Withdrawn } from './20261203-withdrawn.ts';
import { FlowEnding } from './20261204-flow-ending.ts';
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
  '20261130-email': Email,
  '20261130-payment-pages': PaymentPages,
  '20261130-idempotency': Idempotency,
  '20261130-key-rotation': KeyRotation,
  '20261130-lists': Lists,
  '20261130-users': Users,
  '20261130-skipped-time': SkippedTime,
  '20261130-audit-detail': AuditDetail,
  '20261201-unseen-passcodes': UnseenPasscodes,
  '20261201-user-limits': UserLimits,
  '20261201-user-answers': UserAnswers,
  '20261201-provider-waits': ProviderWaits,
  '20261201-open-pages': OpenPages,
  '20261201-flow-wakes': FlowWakes,
  '20261201-late-signals': LateSignals,
  '20261201-passwords': Passwords,
  '20261201-purge': Purge,
  '20261201-tenant-list': TenantList,
  '20261202-paused-channels': PausedChannels,
  '20261203-withdrawn': Withdrawn,
  '20261204-flow-ending': FlowEnding,
};

/** In the order in which they run. A landed migration is never edited. */
export const migrations = migrationNames.map((name) => ({ name, class: classes[name] as typeof Identity }));
