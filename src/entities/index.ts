import { ApiKey } from './api-key.ts';
import { AuditEntry } from './audit-entry.ts';
import { Channel } from './channel.ts';
import { Contact } from './contact.ts';
import { ContactConsent } from './contact-consent.ts';
import { Flow } from './flow.ts';
import { Membership } from './membership.ts';
import { Message } from './message.ts';
import { MessageStatusChange } from './message-status.ts';
import { Otp } from './otp.ts';
import { Tenant } from './tenant.ts';
import { UsageEvent } from './usage-event.ts';

export const entities = [
  ApiKey,
  AuditEntry,
  Channel,
  Contact,
  ContactConsent,
  Flow,
  Membership,
  Message,
  MessageStatusChange,
  Otp,
  Tenant,
  UsageEvent,
];
