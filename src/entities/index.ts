import { Alert } from './alert.ts';
import { ApiKey } from './api-key.ts';
import { AuditEntry } from './audit-entry.ts';
import { Channel } from './channel.ts';
import { Connection } from './connection.ts';
import { ContactEvent } from './contact-event.ts';
import { Conversation } from './conversation.ts';
import { Import } from './import.ts';
import { ImportRejection } from './import-rejection.ts';
import { InboundMessage } from './inbound-message.ts';
import { MessageAttempt } from './message-attempt.ts';
import { Reminder } from './reminder.ts';
import { Template } from './template.ts';
import { Contact } from './contact.ts';
import { ContactConsent } from './contact-consent.ts';
import { Flow } from './flow.ts';
import { Invitation } from './invitation.ts';
import { Invoice } from './invoice.ts';
import { InvoicePayment } from './invoice-payment.ts';
import { Membership } from './membership.ts';
import { Message } from './message.ts';
import { MessageStatusChange } from './message-status.ts';
import { Otp } from './otp.ts';
import { Tenant } from './tenant.ts';
import { UsageEvent } from './usage-event.ts';

export const entities = [
  Alert,
  ApiKey,
  AuditEntry,
  Channel,
  Connection,
  Contact,
  ContactConsent,
  ContactEvent,
  Conversation,
  Flow,
  Import,
  ImportRejection,
  InboundMessage,
  Invitation,
  Invoice,
  InvoicePayment,
  Membership,
  Message,
  MessageAttempt,
  MessageStatusChange,
  Otp,
  Reminder,
  Template,
  Tenant,
  UsageEvent,
];
