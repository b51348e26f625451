import { isDeepStrictEqual } from 'node:util';
import type { Consents, Topic } from '../../domain/consent.ts';
import type { Attributes } from '../../entities/contact.ts';
import type { FieldError } from '../../errors.ts';
import { FROM_PERSON, newAnswers, type Answer } from '../contacts/consent.ts';
import { attributes as attributesOf } from '../contacts/fields.ts';
import type { Row } from './row.ts';

/** A contact's row, with the names of its columns. */
export type Stored = {
  id: string;
  phone: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  timezone: string | null;
  locale: string | null;
  tags: string[];
  attributes: Attributes;
  consents: Consents;
};

export type Merged = {
  contact: Stored;
  changed: boolean;
  answers: Answer[];
  warnings: FieldError[];
  errors: FieldError[];
};

export const emptyContact = (id: string, phone: string): Stored => ({
  id,
  phone,
  first_name: null,
  last_name: null,
  email: null,
  timezone: null,
  locale: null,
  tags: [],
  attributes: {},
  consents: {},
});

/**
 * What becomes of a contact by a line of a file: what the line says replaces, attributes one by one. A file does not
 * turn a no into a yes: it may well be older than the no. With `errors`, nothing may become of it.
 */
export function mergeRow(stored: Stored, { fields, ...row }: Row, at: Date): Merged {
  // Only what came by WhatsApp itself is the person's own word.
  const source = row.source === FROM_PERSON ? 'import' : row.source;
  const { opt_in: optIn, attributes, tags, phone_number: phone, ...rest } = fields;
  const wanted = optIn === undefined ? [] : newAnswers(stored.consents, optIn);
  const refused = (topic: Topic) => stored.consents[topic]?.allowed === false;
  const answers = wanted.filter(({ topic, allowed }) => !(allowed && refused(topic)));
  const given = answers.map(({ topic, allowed }) => [topic, { allowed, source, at: at.toISOString() }]);
  const contact: Stored = {
    ...stored,
    ...(rest as Partial<Stored>),
    phone,
    tags: tags ? [...new Set(tags)] : stored.tags,
    attributes: { ...stored.attributes, ...attributes },
    consents: { ...stored.consents, ...Object.fromEntries(given) },
  };
  const warnings = wanted
    .filter((answer) => !answers.includes(answer))
    .map(({ topic }) => ({ path: `opt_in.${topic}`, message: 'is ignored, since the contact has said no' }));
  const errors = attributes ? errorsOf(contact.attributes) : [];
  return { contact, changed: !isDeepStrictEqual(contact, stored), answers, warnings, errors };
}

/** What a line adds may be too much together with what is there. */
const errorsOf = (attributes: Attributes): FieldError[] =>
  (attributesOf.safeParse(attributes).error?.issues ?? []).map(({ message }) => ({
    path: 'attributes',
    message: `${message}, with those that the contact has already`,
  }));
