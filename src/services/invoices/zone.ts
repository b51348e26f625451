import type { Contact } from '../../entities/contact.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { effectiveTimezone } from '../contacts/timezone.ts';

/** In which zone an invoice is due: its own, the contact's, the tenant's. */
export const zoneOf = (invoice: Pick<Invoice, 'timezone'>, contact: Contact | null, tenantZone: string): string =>
  invoice.timezone ?? (contact ? effectiveTimezone(contact, tenantZone) : tenantZone);
