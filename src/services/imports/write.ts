import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import type { FieldError } from '../../errors.ts';
import { carryRefusals } from '../contacts/refusals.ts';
import { emptyContact, mergeRow, type Merged, type Stored } from './merge.ts';
import type { Row } from './row.ts';

export type Line = { line: number; row: Row };
export type Remark = { line: number; severity: 'rejected' | 'warning'; errors: FieldError[] };
export type Counts = { created: number; updated: number; unchanged: number };

const fieldList = 'first_name, last_name, email, timezone, locale';
const recordset = `jsonb_to_recordset(?::jsonb) as r (id uuid, phone text, first_name text, last_name text, email text,
  timezone text, locale text, tags jsonb, attributes jsonb, consents jsonb)`;
const tagsOf = 'array(select jsonb_array_elements_text(r.tags))';

/**
 * Writes the contacts of some lines: those that are new, and, unless they are to be left alone, those that exist. The
 * warnings include lines that turn out to be wrong for the contact that there is.
 */
export async function writeContacts(
  ctx: Ctx,
  lines: Line[],
  { at, updateExisting }: { at: Date; updateExisting: boolean },
): Promise<{ counts: Counts; warnings: Remark[] }> {
  // One order of locks for all imports of a tenant.
  const byPhone = lines.toSorted((a, b) => (a.row.fields.phone_number < b.row.fields.phone_number ? -1 : 1));
  const fresh = byPhone.map(({ row }) => mergeRow(emptyContact(randomUUIDv7(), row.fields.phone_number), row, at));
  const inserted = await insertContacts(ctx, fresh);
  const made = fresh.map(({ contact }) => contact).filter(({ phone }) => inserted.has(phone));
  const refused = await carryRefusals(ctx, made);
  const created = byPhone.flatMap(({ line, row }, i) => {
    const one = fresh[i];
    if (!one || !inserted.has(one.contact.phone)) return [];
    const consents = refused.get(one.contact.id);
    if (!consents) return [{ line, ...one }];
    return [{ line, ...mergeRow({ ...emptyContact(one.contact.id, one.contact.phone), consents }, row, at) }];
  });
  await updateContacts(
    ctx,
    created.filter(({ contact }) => refused.has(contact.id)),
  );

  const existing = updateExisting
    ? await existingContacts(
        ctx,
        byPhone.map(({ row }) => row.fields.phone_number).filter((one) => !inserted.has(one)),
      )
    : new Map<string, Stored>();
  const merged = byPhone.flatMap(({ line, row }) => {
    const stored = existing.get(row.fields.phone_number);
    return stored ? [{ line, ...mergeRow(stored, row, at) }] : [];
  });
  const wrong = merged.filter(({ errors }) => errors.length > 0);
  const changed = merged.filter((one) => one.changed && one.errors.length === 0);
  await updateContacts(ctx, changed);
  await insertConsents(ctx, [...created, ...changed], at);
  return {
    counts: {
      created: created.length,
      updated: changed.length,
      unchanged: lines.length - created.length - changed.length - wrong.length,
    },
    warnings: [
      ...wrong.map(({ line, errors }) => ({ line, severity: 'rejected' as const, errors })),
      ...[...created, ...merged]
        .filter(({ warnings, errors }) => warnings.length > 0 && errors.length === 0)
        .map(({ line, warnings }) => ({ line, severity: 'warning' as const, errors: warnings })),
    ],
  };
}

async function insertContacts(ctx: Ctx, contacts: Merged[]): Promise<Set<string>> {
  const rows = await ctx.em.execute<{ phone: string }[]>(
    `insert into app.contacts (id, phone, ${fieldList}, tags, attributes, consents)
     select r.id, r.phone, ${fieldList}, ${tagsOf}, r.attributes, r.consents from ${recordset}
     on conflict (tenant_id, phone) where deleted_at is null do nothing
     returning phone`,
    [JSON.stringify(contacts.map(({ contact }) => contact))],
  );
  return new Set(rows.map(({ phone }) => phone));
}

async function existingContacts(ctx: Ctx, phones: string[]): Promise<Map<string, Stored>> {
  if (phones.length === 0) return new Map();
  const rows = await ctx.em.execute<Stored[]>(
    `select id, phone, ${fieldList}, tags, attributes, consents from app.contacts
     where phone = any (array(select jsonb_array_elements_text(?::jsonb))) and deleted_at is null
     order by phone for update`,
    [JSON.stringify(phones)],
  );
  return new Map(rows.map((row) => [row.phone, row]));
}

async function updateContacts(ctx: Ctx, contacts: Merged[]): Promise<void> {
  if (contacts.length === 0) return;
  await ctx.em.execute(
    `update app.contacts c set first_name = r.first_name, last_name = r.last_name, email = r.email,
       timezone = r.timezone, locale = r.locale, tags = ${tagsOf}, attributes = r.attributes, consents = r.consents,
       updated_at = clock_timestamp()
     from ${recordset} where c.id = r.id`,
    [JSON.stringify(contacts.map(({ contact }) => contact))],
  );
}

async function insertConsents(ctx: Ctx, contacts: Merged[], at: Date): Promise<void> {
  const history = contacts.flatMap(({ contact, answers }) =>
    answers.map(({ topic, allowed }) => ({
      id: randomUUIDv7(),
      contact_id: contact.id,
      topic,
      allowed,
      source: contact.consents[topic]?.source,
    })),
  );
  if (history.length === 0) return;
  await ctx.em.execute(
    `insert into app.contact_consents (id, contact_id, topic, allowed, source, at)
     select r.*, ?::timestamptz from jsonb_to_recordset(?::jsonb)
       as r (id uuid, contact_id uuid, topic text, allowed boolean, source text)`,
    [at.toISOString(), JSON.stringify(history)],
  );
}
