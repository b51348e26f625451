import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { topics, type Consents } from '../../domain/consent.ts';
import { phoneVariants } from '../../domain/phone-variants.ts';
import { audit } from '../audit.ts';

/** The purpose of the MAC that an erased contact is found by. */
export const ERASED_PHONE = 'erased_phone';

type Made = { id: string; phone: string };

export const refusalsStatement = `
with asked as (
  select * from jsonb_to_recordset(?::jsonb) as r (id uuid, variant text, mac text)
), known as (
  select asked.id, c.consents from asked join app.contacts c on c.phone = asked.variant and c.deleted_at is not null
    and c.id <> asked.id
  union all
  select asked.id, c.consents from asked join app.contacts c on c.phone = asked.variant and c.deleted_at is null
    and c.id <> asked.id
  union all
  select asked.id, c.consents from asked join app.contacts c on c.phone_mac = asked.mac
), latest as (
  select distinct on (known.id, said.key) known.id, said.key as topic, said.value as consent
  from known, jsonb_each(known.consents) said
  order by known.id, said.key, (said.value ->> 'at')::timestamptz desc nulls last
)
select id, jsonb_object_agg(topic, consent) as consents from latest where consent ->> 'allowed' = 'false' group by id`;

/** By the id given with a phone: what was last refused by the contacts that have or had it, removed and erased ones too. */
async function refusalsOf({ em, deps: { keyRing } }: Ctx, asked: Made[]): Promise<Map<string, Consents>> {
  const ways = asked.flatMap(({ id, phone }) =>
    phoneVariants(phone).flatMap((variant) => [
      { id, variant },
      ...keyRing.macs(ERASED_PHONE, variant).map((mac) => ({ id, mac })),
    ]),
  );
  const rows = await em.execute<{ id: string; consents: Consents }[]>(refusalsStatement, [JSON.stringify(ways)]);
  return new Map(rows.map(({ id, consents }) => [id, consents]));
}

/**
 * Hands on to contacts that have just been made, by id, what the person refused before: a no is about a phone, not
 * about a row. It comes after the insert, which has waited for whoever was about to remove the phone's earlier contact.
 */
export async function carryRefusals(ctx: Ctx, made: Made[]): Promise<Map<string, Consents>> {
  if (made.length === 0) return new Map();
  const refusals = await refusalsOf(ctx, made);
  if (refusals.size === 0) return refusals;
  const list = [...refusals].map(([id, consents]) => ({ id, consents }));
  await ctx.em.execute(
    `update app.contacts c set consents = c.consents || r.consents
     from jsonb_to_recordset(?::jsonb) as r (id uuid, consents jsonb) where c.id = r.id`,
    [JSON.stringify(list)],
  );
  const history = list.flatMap(({ id, consents }) =>
    topics.flatMap((topic) => {
      const said = consents[topic];
      return said ? [{ id: randomUUIDv7(), contact_id: id, topic, ...said }] : [];
    }),
  );
  await ctx.em.execute(
    `insert into app.contact_consents (id, contact_id, topic, allowed, source, at)
     select r.* from jsonb_to_recordset(?::jsonb)
       as r (id uuid, contact_id uuid, topic text, allowed boolean, source text, at timestamptz)`,
    [JSON.stringify(history)],
  );
  return refusals;
}

/** Whether the person refused anything before, as a contact that is there no more. */
export const hasRefused = async (ctx: Ctx, phone: string): Promise<boolean> =>
  (await refusalsOf(ctx, [{ id: randomUUIDv7(), phone }])).size > 0;

/** A contact of which nothing but the phone is known, unless somebody else makes it at the same time. */
export async function makeContact(ctx: Ctx, phone: string): Promise<void> {
  const [made] = await ctx.em.execute<{ id: string }[]>(
    `insert into app.contacts (id, phone) values (?, ?)
     on conflict (tenant_id, phone) where deleted_at is null do nothing returning id`,
    [randomUUIDv7(), phone],
  );
  if (!made) return;
  audit(ctx, 'contact.create', { type: 'contact', id: made.id }, ['phone']);
  await carryRefusals(ctx, [{ id: made.id, phone }]);
}
