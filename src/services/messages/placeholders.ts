import type { Contact } from '../../entities/contact.ts';

/** What the placeholders of a text stand for, where it is about a contact alone. */
export const contactValues = (contact: Contact): Record<string, string | number | boolean | null | undefined> => ({
  phone_number: contact.phone,
  first_name: contact.firstName,
  last_name: contact.lastName,
  email: contact.email,
  locale: contact.locale,
  timezone: contact.timezone,
  ...Object.fromEntries(Object.entries(contact.attributes).map(([name, value]) => [`attributes.${name}`, value])),
});
